// MPI, of which SUNDIALS 7 has types in its functions where it was built with it, in the folder of the
// implementation that Debian's alternatives choose. It is not on the compiler's path.
#include <mpi/mpi.h>
