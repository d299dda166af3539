"""Telling consumers what happens: webhooks, their messages, and the process that delivers them.

The way of a message: whatever happens is noted in `announcements`, in the transaction that makes it
happen. `announcing` turns a note into deliveries, one for each address that wants to know; `deliveries`
keeps them until they are due, and their log; `delivering` is the process that does both and POSTs
(`sending`) to allowed addresses (`targets`) what is signed (`signatures`). Where to, `endpoints` and
`callbacks` know; `schedule` knows when to try again, and `signing_keys` what to sign with. Nothing here
imports torch or stanza.
"""
