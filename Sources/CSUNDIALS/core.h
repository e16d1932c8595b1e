// SUNDIALS 7 has a library that all its others share.
