"""Coding articles: the extraction library, the jobs that call it, and the records of those jobs."""
