"""The packages of the Python index that check a published log."""
PACKAGES = ["aics-tlog==0.2.1", "aics-witness==0.1.0", "pymerkle==7.0.0", "rfc8785==0.1.4"]
