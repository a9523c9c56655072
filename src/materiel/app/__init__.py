"""The app: a page in which levers and assumptions are moved, and the worlds are simulated again while somebody looks."""
