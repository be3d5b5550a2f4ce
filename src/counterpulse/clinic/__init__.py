"""The decisions around the pump: what published rules say of one patient or of a frame of patients. Needs nothing from the simulator."""
