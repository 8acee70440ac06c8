// Package lock is a test alone: every pin of the project agrees with every other, and .local with all of
// them; packages import no more than they need; and files and functions are short.
package lock
