"""Pages and an HTTP API over what storage keeps; no decisions of its own.

An agent sees the drafts that came of calls, with the words that each field
rests on; puts them right and confirms them; reads transcripts and listens to
recordings, which is written down. Everything that the desk needs of the rest
of the house is in `ports.DeskPorts`; `site.make_site` makes the rest.
"""
