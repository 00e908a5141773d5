package fetch

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
)

// damaged says of an error of a decoder what it means.
func (a *archive) damaged(member string, err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return a.bad(member, err, "it is cut off")
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return a.bad(member, err, "its compressed data is damaged")
	case errors.Is(err, zip.ErrFormat), errors.Is(err, gzip.ErrHeader), errors.Is(err, tar.ErrHeader):
		return a.bad(member, err, "it is no sound %v archive", a.file.Unpack)
	case errors.Is(err, zip.ErrAlgorithm):
		return a.bad(member, err, "it is compressed in a way that is not supported")
	}
	return a.bad(member, err, "it cannot be read: %v", err)
}

// encrypted is the flag of a zip entry that needs a password.
const encrypted = 1

// zipEntries looks at the heads of all entries of a zip archive, and gives those that are
// wanted, before any of them is opened.
func (a *archive) zipEntries(in io.ReaderAt, size int64) ([]*zip.File, error) {
	r, err := zip.NewReader(in, size)
	if err != nil {
		return nil, a.damaged("", err)
	}
	var wanted []*zip.File
	var sum uint64
	for _, f := range r.File {
		folder := strings.HasSuffix(f.Name, "/")
		if mode := f.Mode(); !mode.IsRegular() && !mode.IsDir() || mode.IsDir() != folder {
			return nil, a.bad(f.Name, nil, "it is neither a file nor a folder: links and the like are not unpacked")
		}
		take, err := a.enter(f.Name, !folder)
		if err != nil {
			return nil, err
		}
		if !take {
			continue
		}
		if f.Flags&encrypted != 0 {
			return nil, a.bad(f.Name, nil, "it is encrypted")
		}
		if sum += f.UncompressedSize64; sum < f.UncompressedSize64 || sum > uint64(a.left) {
			return nil, a.bad(f.Name, errBomb, "it unpacks to more than the %d bytes or %d times its size that are accepted", a.limits.Bytes, a.limits.Ratio)
		}
		wanted = append(wanted, f)
	}
	return wanted, nil
}

// readZip stages the members of a zip archive.
func (a *archive) readZip(in io.ReaderAt, size int64) error {
	wanted, err := a.zipEntries(in, size)
	if err != nil {
		return err
	}
	for _, f := range wanted {
		content, err := f.Open()
		if err != nil {
			return a.damaged(f.Name, err)
		}
		err = a.write(trimName(f.Name), content)
		content.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// trimName is the name of an entry as enter has checked it.
func trimName(name string) string {
	for strings.HasPrefix(name, "./") {
		name = name[2:]
	}
	return name
}

// readTarGz stages the members of a compressed tar archive.
func (a *archive) readTarGz(in io.Reader) error {
	unzip, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return a.damaged("", err)
	}
	// What is not wanted is read past, and counts too.
	stream := bounded.New(unzip, a.left+int64(a.limits.Members)*1024, errBomb)
	r := tar.NewReader(stream)
	for {
		head, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return a.streamError("", err)
		}
		switch head.Typeflag {
		case tar.TypeReg, tar.TypeDir:
		case tar.TypeXGlobalHeader:
			continue
		default:
			return a.bad(head.Name, nil, "it is neither a file nor a folder: links and the like are not unpacked")
		}
		take, err := a.enter(head.Name, head.Typeflag == tar.TypeReg)
		if err != nil {
			return err
		}
		if !take {
			continue
		}
		if err := a.write(trimName(head.Name), r); err != nil {
			return err
		}
	}
	// The checksum stands at the end of the compressed data.
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return a.streamError("", err)
	}
	return nil
}

// readGzip stages the one file of a gzip file.
func (a *archive) readGzip(in io.Reader) error {
	unzip, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return a.damaged("", err)
	}
	// The name that the head may carry is not trusted.
	name := strings.TrimSuffix(path.Base(a.file.Name), ".gz")
	if len(a.file.Members) == 1 {
		name = a.file.Members[0].Name
	}
	if _, err := a.enter(name, true); err != nil {
		return err
	}
	return a.write(name, unzip)
}

func (a *archive) streamError(member string, err error) error {
	if errors.Is(err, errBomb) {
		return a.bad(member, err, "it unpacks to more than the %d bytes or %d times its size that are accepted", a.limits.Bytes, a.limits.Ratio)
	}
	return a.damaged(member, err)
}
