"""Files of real waveforms: opening them, naming their channels, annotations and scores."""
