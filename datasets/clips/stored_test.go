package clips

import (
	"bufio"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/motion"
)

// stored opens a folder or archive of the shared motion data: under $GRAFT_DATA, else
// beside the module. The test is skipped where there is none.
func stored(t *testing.T, parts ...string) fs.FS {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(append([]string{root, "motion"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s; set GRAFT_DATA to the data folder", path)
	}
	files, closer, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closer.Close() })
	return files
}

// TestStoredBandaiNamco reads all 153 clips, compares them with the list beside them
// and classifies the second takes by their nearest first take.
func TestStoredBandaiNamco(t *testing.T) {
	set, err := BandaiNamco(stored(t, "bandai-namco", "bandai-namco-subset.zip"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := fs.ReadFile(stored(t, "bandai-namco"), "index.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		content, style, split string
		frames                int
	}
	rows := map[string]row{}
	lines := bufio.NewScanner(strings.NewReader(string(list)))
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		n, _ := strconv.Atoi(f[5])
		rows[f[0]] = row{f[2], f[3], f[4], n}
	}
	parts := set.ByTake()
	split := map[int]string{}
	for _, i := range parts.Train {
		split[i] = "train"
	}
	for _, i := range parts.Test {
		split[i] = "test"
	}
	frames := 0
	all := make([]*motion.Clip, set.Len())
	for i, it := range set.Items {
		c, err := set.Load(i)
		if err != nil {
			t.Fatal(err)
		}
		want, known := rows[it.Path]
		if got := (row{it.Content, it.Style, split[i], c.Frames()}); !known || got != want && !(want.split == "extra" && split[i] == "") {
			t.Errorf("%s: %+v, expected %+v", it.Path, got, want)
		}
		if c.FPS != 30 || c.Joints() != 22 || i > 0 && !c.Skeleton.Equal(all[0].Skeleton) {
			t.Errorf("%s: %v frames a second, %d joints", it.Path, c.FPS, c.Joints())
		}
		if height, err := c.Height(c.Skeleton.Landmarks()); err != nil || height*c.Unit < 1.3 || height*c.Unit > 1.9 {
			t.Errorf("%s: %v metres high, error %v", it.Path, height*c.Unit, err)
		}
		frames += c.Frames()
		all[i] = c
	}
	if set.Len() != 153 || frames != 23502 || len(parts.Train) != 70 || len(parts.Test) != 70 {
		t.Errorf("%d clips, %d frames, %d and %d of the split", set.Len(), frames, len(parts.Train), len(parts.Test))
	}
	right := 0
	for _, i := range parts.Test {
		x := poses(t, all[i])
		best, nearest := math.Inf(1), -1
		for _, k := range parts.Train {
			d := 0.0
			for a, v := range poses(t, all[k]) {
				d += float64(v-x[a]) * float64(v-x[a])
			}
			if d < best {
				best, nearest = d, k
			}
		}
		if set.Items[nearest].Content == set.Items[i].Content {
			right++
		}
	}
	t.Logf("nearest neighbour: %d of %d contents", right, len(parts.Test))
	if right != 65 { // the README of the data says 65 of 70
		t.Errorf("the nearest neighbour tells %d contents, expected 65", right)
	}
}

// poses are 32 frames of a clip, spread evenly, with the hips at the origin.
func poses(t *testing.T, c *motion.Clip) []float32 {
	t.Helper()
	c, err := motion.Preparation{Centre: motion.CentreHips}.Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	var x []float32
	for k := range 32 {
		x = append(x, c.Frame(k*(c.Frames()-1)/31)...)
	}
	return x
}

func TestStoredCMU(t *testing.T) {
	for _, parts := range [][]string{{"cmu-bvh"}, {"cmu-bvh", "cmu-dances-martial.zip"}} {
		set, err := CMU(stored(t, parts...), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, it := range set.Items {
			c, err := set.Load(i)
			if err != nil {
				t.Fatal(err)
			}
			height, err := c.Height(c.Skeleton.Landmarks())
			if err != nil || height*c.Unit < 1.3 || height*c.Unit > 1.9 || c.FPS != 120 {
				t.Errorf("%s: %v metres high, %v frames a second, error %v", it.Path, height*c.Unit, c.FPS, err)
			}
			t.Logf("%s: %q, %d frames of %d joints, %.2f m", it.Path, it.Content, c.Frames(), c.Joints(), height*c.Unit)
		}
	}
}

// TestStoredSets loads every set that has a name and compares it with its table.
func TestStoredSets(t *testing.T) {
	for _, info := range List() {
		root := os.Getenv("GRAFT_DATA")
		if root == "" {
			root = filepath.Join("..", "..", "..", "shared", "data")
		}
		if info.Name == "mtvcrafter-clips" {
			root = filepath.Dir(filepath.Dir(golden.Paths(t, "mtvcrafter_clips", "clip0", ".safetensors")[0]))
		}
		set, closer, err := Load(info.Name, root, Options{})
		var missing *datasets.MissingError
		if errors.As(err, &missing) {
			t.Logf("%s: %v", info.Name, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		parts, frames := set.Parts(info.Protocols[0], SplitOptions{}), 0
		if got, want := [3]int{len(parts.Train), len(parts.Val), len(parts.Test)}, [3]int{info.Train, info.Val, info.Test}; got != want {
			t.Errorf("%s: %v clips, its table says %v", info.Name, got, want)
		}
		for _, i := range slices.Concat(parts.Train, parts.Val, parts.Test) {
			c, err := set.Load(i)
			if err != nil || c.Joints() != info.Joints || c.FPS != info.FPS || c.Unit != info.Unit {
				t.Fatalf("%s: %s: %d joints, %v frames a second, unit %v: %v", info.Name, set.Items[i].Path, c.Joints(), c.FPS, c.Unit, err)
			}
			frames += c.Frames()
		}
		if frames != info.Frames {
			t.Errorf("%s: %d frames, its table says %d", info.Name, frames, info.Frames)
		}
	}
}
