"""Patients by name and by the thousand: presets, drawing, running."""
