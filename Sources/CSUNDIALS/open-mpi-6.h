// Open MPI 6 has its predefined communicators in a library of their own.
