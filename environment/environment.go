// Package environment carries what the program needs to know of the world outside: where the study's data comes from.
package environment

import _ "embed"

// Downloads is the manifest of downloads, a JSON object of name → file; package fetch reads it.
//
//go:embed downloads.json
var Downloads []byte
