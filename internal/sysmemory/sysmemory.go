// Package sysmemory asks the system how much memory a program may still take.
//
// # Use
//
//	free, known := sysmemory.Available()
//
// [Available] is all there is. On Linux it is what the kernel says is available (MemAvailable of /proc/meminfo), or what is
// left below the limits of the control groups that the process runs in, whichever is less: both versions of control groups
// are read, and of a group its file cache that nobody has used lately counts as free, for the kernel drops it first. Other
// systems do not say: known is false there.
//
// # Errors
//
// There are none: what cannot be read says nothing.
//
// # Imports
//
// The standard library.
package sysmemory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Available returns the bytes that the process may still take, and whether the system says so.
func Available() (bytes int64, known bool) { return available(os.DirFS("/")) }

func available(root fs.FS) (bytes int64, known bool) {
	bytes = math.MaxInt64
	if kB, ok := value(root, "proc/meminfo", "MemAvailable:"); ok && kB < math.MaxInt64>>10 {
		bytes, known = kB<<10, true
	}
	for _, g := range groups(root) {
		if left, ok := g.left(root); ok {
			bytes, known = min(bytes, left), true
		}
	}
	return bytes, known
}

// group is a control group that may limit memory, with the names of its files.
type group struct{ dir, limit, usage, cache string }

// groups lists the control groups of the process and all that they lie in.
func groups(root fs.FS) (list []group) {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		// hierarchy:controllers:path
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var g group
		switch {
		case parts[0] == "0" && parts[1] == "":
			g = group{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"}
		case strings.Contains(","+parts[1]+",", ",memory,"):
			g = group{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
		default:
			continue
		}
		// Where the path is that outside of a container, its folders are missing and the mounted one is its own.
		mount := g.dir
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			g.dir = path.Join(mount, at)
			list = append(list, g)
			if at == "/" {
				break
			}
		}
	}
	return list
}

// left returns what the group may still take; false where it has no limit.
func (g group) left(root fs.FS) (bytes int64, limited bool) {
	limit, ok := value(root, path.Join(g.dir, g.limit), "")
	if !ok || limit >= math.MaxInt64&^(1<<16-1) { // what version 1 says of no limit, for pages of any size
		return 0, false
	}
	used, _ := value(root, path.Join(g.dir, g.usage), "")
	cache, _ := value(root, path.Join(g.dir, "memory.stat"), g.cache)
	return max(limit-max(used-cache, 0), 0), true
}

// value reads a number from a file: that behind a key at the beginning of a line, or, without a key, the first.
func value(root fs.FS, name, key string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if key != "" {
			if len(words) == 0 || words[0] != key {
				continue
			}
			words = words[1:]
		}
		if len(words) == 0 {
			return 0, false
		}
		n, err := strconv.ParseInt(words[0], 10, 64)
		return n, err == nil && n >= 0
	}
	return 0, false
}
