"""What the service answers to, one module a resource.

Handlers that ask Redis are coroutines that do so in a thread. Litestar's own `sync_to_thread` is not
used for them: where two methods share a path, Litestar 2.25 wraps the handler twice and never calls it.
"""
