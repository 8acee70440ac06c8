package fetch

import (
	"os"
	"path/filepath"
)

// Home is where downloads and caches live: $ANNCAPACITY_HOME, else anncapacity in the user's cache folder.
func Home() (string, error) {
	if home := os.Getenv("ANNCAPACITY_HOME"); home != "" {
		return filepath.Abs(home)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "anncapacity"), nil
}
