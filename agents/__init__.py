"""People at desks: what each is doing, and what may follow."""
