"""The only room that touches the world: sockets, threads, processes, the reactor, wiring."""
