// Package lock is a test alone: every pin of the project agrees with every other, and .local with all of them.
package lock
