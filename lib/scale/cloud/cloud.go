// Package cloud registers the drivers of s3:// and gs:// for the locations of package shard. It is a module of its own, because
// they depend on the libraries of Amazon and Google. The command of `make cloud` imports it.
//
// Credentials and the region are found as the command-line tools of these services find them: in the environment, in the files of a
// profile, or from the machine. A store other than Amazon's is named by AWS_ENDPOINT_URL or in the location:
//
//	s3://bucket/prefix?endpoint=http://127.0.0.1:7070&region=us-east-1&use_path_style=true
package cloud

import (
	_ "gocloud.dev/blob/gcsblob" // registers gs
	_ "gocloud.dev/blob/s3blob"  // registers s3
)
