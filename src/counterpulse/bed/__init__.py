"""Patient and pump in lockstep, and the three drivers around that one step: live, replay and run."""
