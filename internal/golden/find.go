package golden

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// Paths returns every file of testdata/golden/<system> (of $GRAFT_GOLDEN/<system> where that is set) whose name begins
// with prefix and ends with suffix (".json"), in order of name. The test fails when there is none.
func Paths(t testing.TB, system, prefix, suffix string) []string {
	t.Helper()
	dir := folder(t, system)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("golden: %v", err)
	}
	var paths []string
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	if len(paths) == 0 {
		t.Fatalf("golden: no file %s*%s in %s", prefix, suffix, dir)
	}
	sort.Strings(paths)
	return paths
}

// folder returns where the golden files of a system are.
func folder(t testing.TB, system string) string {
	t.Helper()
	if root := os.Getenv("GRAFT_GOLDEN"); root != "" {
		return filepath.Join(root, system)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("golden: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "testdata", "golden", system)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("golden: no go.mod above the working folder; run the tests inside the module or set GRAFT_GOLDEN")
		}
		dir = parent
	}
}
