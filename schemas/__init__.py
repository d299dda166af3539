"""What travels between the parts of Tocsin, and to its users: Structs and enums, no input or output.

One module a noun. Everything here may be imported from anywhere; nothing here imports `api`, `cli` or
`workers`.
"""
