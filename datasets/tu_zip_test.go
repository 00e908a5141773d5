package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// member is a file of an archive that is made for a test.
type member struct {
	name, text string
	mode       fs.FileMode
}

func archive(t *testing.T, members ...member) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.mode != 0 {
			h.SetMode(m.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(t.TempDir(), "SET.zip"), out.Bytes())
}

// smallMembers is the set of small as members of an archive.
func smallMembers(more ...member) []member {
	var all []member
	for part, text := range small() {
		all = append(all, member{name: "SET/SET_" + part + ".txt", text: text})
	}
	return append(all, more...)
}

func TestTUZip(t *testing.T) {
	for name, more := range map[string][]member{
		"plain": nil, "read-me": {{name: "SET/README.txt", text: "x"}}, "folder": {{name: "SET/"}},
		"of a Mac": {{name: "__MACOSX/SET/._SET_A.txt", text: "x"}},
	} {
		tu, err := ReadTU(context.Background(), archive(t, smallMembers(more...)...), TUOptions{})
		if err != nil || tu.Len() != 2 || tu.Name != "SET" {
			t.Errorf("%s: %+v, %v", name, tu, err)
		}
	}
}

func TestTUZipRefuses(t *testing.T) {
	zeros := strings.Repeat("0", 65<<20)
	for _, c := range []struct {
		name    string
		members []member
		want    string // after the path of the archive
	}{
		{"leads out", smallMembers(member{name: "../evil.txt"}), `: the archive has a member called "../evil.txt", which leads out of it; do not trust this file`},
		{"hidden", smallMembers(member{name: "SET/../../x"}), `: the archive has a member called "SET/../../x", which leads out of it; do not trust this file`},
		{"absolute", smallMembers(member{name: "/etc/x"}), `: the archive has a member called "/etc/x", which leads out of it; do not trust this file`},
		{"of Windows", smallMembers(member{name: `..\x`}), `: the archive has a member called "..\\x", which leads out of it; do not trust this file`},
		{"twice", smallMembers(member{name: "SET/SET_node_labels.txt"}), "/SET/SET_node_labels.txt: the archive has two members of this name; do not trust this file"},
		{"link", []member{{name: "S_A.txt"}, {name: "S_graph_indicator.txt", text: "/etc/passwd", mode: fs.ModeSymlink | 0o777}}, "/S_graph_indicator.txt: it is not a regular file"},
		{"bomb", []member{{name: "S_A.txt"}, {name: "S_graph_indicator.txt", text: zeros}},
			"/S_graph_indicator.txt: it unpacks to more than 100 times its size; this is not the published data: get the file again"},
		{"two sets", []member{{name: "S_A.txt"}, {name: "T_A.txt"}}, ": there are 2 files called NAME_A.txt; keep one data set in it"},
		{"no set", []member{{name: "x"}}, ": there is no file called NAME_A.txt; name the folder or archive of one data set in TU format"},
		{"incomplete", []member{{name: "S_A.txt"}}, ": there is no S_graph_indicator.txt; the set is not complete: get it again"},
	} {
		path := archive(t, c.members...)
		_, err := ReadTU(context.Background(), path, TUOptions{})
		var file *FileError
		if !errors.As(err, &file) || err.Error() != "datasets: "+path+c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, path+c.want)
		}
	}
}

func TestTUZipDamage(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "SET.zip"), []byte("PK\x03\x04"))
	if _, err := ReadTU(context.Background(), path, TUOptions{}); err == nil || err.Error() != "datasets: "+path+": it is not a sound zip archive: not a valid zip file; get the file again" {
		t.Errorf("got %v", err)
	}
	// A member that claims to be smaller than it is cannot grow beyond its claim, and
	// one that claims too much is refused before it is opened.
	f := &zip.File{FileHeader: zip.FileHeader{Name: "x", CompressedSize64: 10, UncompressedSize64: 1 << 40}}
	if _, err := openMember("x", f); !strings.Contains(err.Error(), "more than 100 times its size") {
		t.Errorf("a member of a terabyte: %v", err)
	}
	many := make([]*zip.File, maxMembers+1)
	if _, err := tuMembers("m.zip", many); err == nil || err.Error() != "datasets: m.zip: the archive has 10001 members, the limit is 10000" {
		t.Errorf("many members: %v", err)
	}
}
