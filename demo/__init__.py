"""The demonstration: real phones that we did not write dial the engine and are listened to."""
