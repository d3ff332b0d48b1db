"""Texts that would do something if they were taken for anything but text."""

from __future__ import annotations

from tests.browser.window import ELSEWHERE

_ACTS = ("alert(1)", f"fetch('{ELSEWHERE}')", "console.error(1)")
_ACT = _ACTS[0]
_HANDLERS = (
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<body onload={}>",
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<style>@keyframes a{{}}</style><b style=animation-name:a onanimationstart={}>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
)
_SCRIPTS = (
    "<script>{}</script>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "</td></tr></table></main><script>{}</script>",
    "<scr<script>ipt>{}</script>",
    "<svg><script>{}</script></svg>",
    "<math><mtext><script>{}</script></mtext></math>",
)
_ADDRESSES = (
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>a</a>",
    "<a href='java&#115;cript:alert(1)'>a</a>",
    "<form action=javascript:alert(1)><button autofocus>a</button></form>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=data:text/html,<script>alert(1)</script>></object>",
)
_FETCHES = (
    "<img src={}>",
    "<link rel=stylesheet href={}>",
    "<link rel=prefetch href={}>",
    "<base href={}>",
    "<meta http-equiv=refresh content='0;url={}'>",
    "<style>@import '{}';</style>",
    "<style>*{{background:url({})!important}}</style>",
    "<b style='background:url({})'>b</b>",
    "<svg><image href={} /></svg>",
    "<table background={}>",
    "<audio autoplay src={}>",
    "<script src={}></script>",
)
_QUOTES = (
    f'" autofocus onfocus={_ACT} x="',
    f"' onmouseover={_ACT} x='",
    f"`><img src=x onerror={_ACT}>",
    f'"><svg/onload={_ACT}>',
    f"--><script>{_ACT}</script>",
    f"]]><script>{_ACT}</script>",
)
_ENTITIES = (
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "&amp;lt;b&amp;gt; &nbsp;&copy",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    r"\u003cscript\u003ealert(1)\x3c/script\x3e",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)
_TEMPLATES = (
    "{{ 7*7 }}",
    "{% raw %}{{ sheet }}",
    "{{ ''.__class__.__mro__ }}",
    "{# gone #}seen",
    "${7*7} #{7*7} <%= 7*7 %>",
    "$(alert(1)) `alert(1)`",
)
_STEERING = (
    "be\u202egnin\u202c: <b>",
    "\u2066isolated\u2069 \u200flast",
    "a\u200bb\u00adc\ufeffd <i>",
    "tag\U000e0041\U000e007fs",
    "one\r\nSubject: two\u2028three\x85four\x1b[31m",
    "z\u0336a\u0310\u0301\u0489l\u0300g\u0301o <u>",
    "<ｓｃｒｉｐｔ>alert(1)＜/ｓｃｒｉｐｔ＞",
)

PAYLOADS = (
    *(form.format(act) for act in _ACTS for form in _SCRIPTS[:3]),
    *(form.format(_ACT) for form in (*_SCRIPTS[3:], *_HANDLERS)),
    *(form.format(ELSEWHERE) for form in _FETCHES),
    *(_ADDRESSES + _QUOTES + _ENTITIES + _TEMPLATES + _STEERING),
)
"""Whatever would run, lead away, fetch, break out, be decoded, be filled in or turn a line."""
