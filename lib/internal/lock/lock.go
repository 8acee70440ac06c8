// Package lock contains only tests. They check that every pin of the project agrees with the others and with .local, that packages
// import no more than they need, and that files and functions are short.
package lock
