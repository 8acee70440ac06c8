// Package lock consists of tests. They check that the pinned versions of the project agree with each other and with the
// packages installed in .local, and that packages import no more than they need.
package lock
