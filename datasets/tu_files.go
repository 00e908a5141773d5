package datasets

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
)

// tuFiles is the text files of one data set of the TU collection, by the end of
// their names: "A" for NAME_A.txt.
type tuFiles struct {
	name    string            // NAME
	shown   map[string]string // for messages
	open    map[string]func() (io.ReadCloser, error)
	closing io.Closer // of the archive; nil for a folder
}

// tuParts are the files that the format knows.
var tuParts = []string{"A", "graph_indicator", "graph_labels", "graph_attributes", "node_labels", "node_attributes", "edge_labels", "edge_attributes"}

// findTU looks into a folder or a zip archive.
func findTU(at string) (*tuFiles, error) {
	stat, err := os.Stat(at)
	if err != nil {
		return nil, &FileError{Path: at, Reason: cause(err), Hint: "name a folder with NAME_A.txt and its neighbours, or NAME.zip", Err: err}
	}
	if stat.IsDir() {
		return tuFolder(at)
	}
	return tuZip(at)
}

// tuFolder takes the files of a folder, or of its only subfolder that has some.
func tuFolder(at string) (*tuFiles, error) {
	found, err := filepath.Glob(filepath.Join(escaped(at), "*_A.txt"))
	if err == nil && len(found) == 0 {
		found, err = filepath.Glob(filepath.Join(escaped(at), "*", "*_A.txt"))
	}
	if err != nil {
		return nil, &FileError{Path: at, Reason: err.Error(), Err: err}
	}
	if err := oneTU(at, len(found)); err != nil {
		return nil, err
	}
	f := &tuFiles{shown: map[string]string{}, open: map[string]func() (io.ReadCloser, error){}}
	stem := strings.TrimSuffix(found[0], "_A.txt")
	f.name = filepath.Base(stem)
	for _, part := range tuParts {
		file := stem + "_" + part + ".txt"
		if _, err := os.Stat(file); err != nil {
			continue // most parts are optional; the reader knows which are not
		}
		f.shown[part] = file
		f.open[part] = func() (io.ReadCloser, error) { return openData(file) }
	}
	return f, nil
}

// escaped keeps the name of a folder from being read as a pattern.
func escaped(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

func oneTU(at string, found int) error {
	switch {
	case found == 0:
		return &FileError{Path: at, Reason: "there is no file called NAME_A.txt", Hint: "name the folder or archive of one data set in TU format"}
	case found > 1:
		return &FileError{Path: at, Reason: fmt.Sprintf("there are %d files called NAME_A.txt", found), Hint: "keep one data set in it"}
	}
	return nil
}

// Limits of a zip archive: its number of members, and the size of one unpacked,
// which may be maxRatio times the packed one, but always smallMember. The file of
// a number for each node packs a thousandfold, hence the larger limit.
const (
	maxMembers  = 10_000
	smallMember = 64 << 20
)

func tuZip(at string) (*tuFiles, error) {
	archive, err := zip.OpenReader(at)
	if err != nil {
		return nil, &FileError{Path: at, Reason: "it is not a sound zip archive: " + strings.TrimPrefix(cause(err), "zip: "), Hint: "get the file again", Err: err}
	}
	f, err := tuMembers(at, archive.File)
	if err != nil {
		archive.Close() // only read from: closing cannot lose anything
		return nil, err
	}
	f.closing = archive
	return f, nil
}

// tuMembers picks the members of an archive. Names that lead out of the archive
// do no harm here, for nothing is unpacked to disk, but an archive that has any
// was made to harm.
func tuMembers(at string, members []*zip.File) (*tuFiles, error) {
	if len(members) > maxMembers {
		return nil, &FileError{Path: at, Reason: fmt.Sprintf("the archive has %d members, the limit is %d", len(members), maxMembers)}
	}
	found := 0
	stem := ""
	for _, m := range members {
		if !filepath.IsLocal(m.Name) || strings.Contains(m.Name, `\`) {
			return nil, &FileError{Path: at, Reason: fmt.Sprintf("the archive has a member called %q, which leads out of it", clip([]byte(m.Name))), Hint: "do not trust this file"}
		}
		if s, ok := strings.CutSuffix(m.Name, "_A.txt"); ok && !strings.HasPrefix(m.Name, "__MACOSX/") {
			found++
			stem = s
		}
	}
	if err := oneTU(at, found); err != nil {
		return nil, err
	}
	f := &tuFiles{name: path.Base(stem), shown: map[string]string{}, open: map[string]func() (io.ReadCloser, error){}}
	for _, m := range members {
		rest, ok := strings.CutPrefix(m.Name, stem+"_")
		part, text := strings.CutSuffix(rest, ".txt")
		if !ok || !text {
			continue
		}
		shown := at + "/" + m.Name
		switch {
		case f.open[part] != nil:
			return nil, &FileError{Path: shown, Reason: "the archive has two members of this name", Hint: "do not trust this file"}
		case !m.Mode().IsRegular():
			return nil, &FileError{Path: shown, Reason: "it is not a regular file"}
		}
		f.shown[part] = shown
		f.open[part] = func() (io.ReadCloser, error) { return openMember(shown, m) }
	}
	return f, nil
}

// openMember opens a member for reading within the limits.
func openMember(shown string, m *zip.File) (io.ReadCloser, error) {
	limit := int64(smallMember)
	if packed := m.CompressedSize64; packed < 1<<40 {
		limit = max(limit, maxRatio*int64(packed))
	}
	if m.UncompressedSize64 > uint64(limit) {
		return nil, damaged(shown, 0, errBomb)
	}
	in, err := m.Open()
	if err != nil {
		return nil, &FileError{Path: shown, Reason: strings.TrimPrefix(err.Error(), "zip: "), Hint: "get the archive again", Err: err}
	}
	return opened{bounded.New(in, limit, errBomb), in}, nil
}

// close closes the archive, if there is one.
func (f *tuFiles) close() {
	if f.closing != nil {
		f.closing.Close() // only read from: closing cannot lose anything
	}
}
