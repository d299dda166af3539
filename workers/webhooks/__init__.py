"""Webhooks: telling consumers what happened, signed, and never where it should not go.

`signatures` makes and checks what proves where a message comes from, `targets` decides which addresses
may be told, `sending` makes one attempt to tell one of them. Imports neither torch nor stanza.
"""
