"""The controller of the balloon pump: samples in, gas command out. Knows nothing of the patient but the samples."""
