"""The HTTP interface: takes articles in, hands them to the workers, and shows what became of them."""
