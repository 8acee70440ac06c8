// Package lock is a test alone: every pin of the project agrees with every other, and .local with all of
// them; and packages import no more than they need.
package lock
