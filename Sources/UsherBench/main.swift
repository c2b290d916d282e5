// main: filled in below.
