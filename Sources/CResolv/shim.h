#include <netdb.h>
#include <resolv.h>

/* h_errno is a macro that Swift does not see. */
static inline int resolver_error(void) { return h_errno; }
