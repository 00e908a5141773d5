package sysmemory

import (
	"fmt"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	const meminfo = "MemTotal:       100 kB\nMemFree:        10 kB\nMemAvailable:   80 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
		known bool
	}{
		"nothing":      {nil, 0, false},
		"meminfo":      {map[string]string{"proc/meminfo": meminfo}, 80 << 10, true},
		"old kernel":   {map[string]string{"proc/meminfo": "MemTotal: 100 kB\n"}, 0, false},
		"no number":    {map[string]string{"proc/meminfo": "MemAvailable: many kB\n"}, 0, false},
		"cut short":    {map[string]string{"proc/meminfo": "MemAvailable:"}, 0, false},
		"beyond int64": {map[string]string{"proc/meminfo": "MemAvailable: 9223372036854775807 kB\n"}, 0, false},
		"version 2": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "50000\n", "sys/fs/cgroup/a/b/memory.current": "20000\n",
			"sys/fs/cgroup/a/b/memory.stat": "anon 15000\ninactive_file 5000\n"}, 35000, true},
		"version 2, of the group above": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "30000\n", "sys/fs/cgroup/a/memory.current": "1000\n"}, 29000, true},
		"version 2, in a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "40000\n"}, 40000, true},
		"version 2, no limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 80 << 10, true},
		"version 1": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "3:cpu,cpuacct:/x\n4:memory:/x\n1:name=systemd:/\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "60000\n", "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "50000\n",
			"sys/fs/cgroup/memory/x/memory.stat": "inactive_file 1\ntotal_inactive_file 10000\n"}, 20000, true},
		"version 1, path of the host": {map[string]string{"proc/self/cgroup": "4:memory:/docker/abc\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "60000\n"}, 60000, true},
		"version 1, no limit": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 80 << 10, true},
		"more used than allowed": {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "10\n", "sys/fs/cgroup/memory.current": "20\n"}, 0, true},
		"strange lines":          {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "\n0\n:::\n0::../../..\n"}, 80 << 10, true},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, known := available(root); known != c.known || known && got != c.want {
			t.Errorf("%s: %d, %v, want %d, %v", name, got, known, c.want, c.known)
		}
	}
}

// TestThisSystem asks the machine of the test.
func TestThisSystem(t *testing.T) {
	if bytes, known := Available(); runtime.GOOS == "linux" && known && bytes < 1<<20 {
		t.Errorf("%d bytes are available, and the test runs", bytes)
	}
}

func ExampleAvailable() {
	if free, known := Available(); known {
		fmt.Println(free > 0)
	} else {
		fmt.Println(true)
	}
	// Output: true
}
