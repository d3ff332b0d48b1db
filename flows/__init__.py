"""The scheduled face: the jobs as Prefect flows; nothing else here knows Prefect."""
