// stdbool.h first: sharedspice.h then declares NG_BOOL as bool, which Swift imports as Bool.
#include <stdbool.h>
#include <ngspice/sharedspice.h>
