package images

import (
	"bytes"
	"encoding/binary"
)

// jpegHeader is what the segments in front of a JPEG's pixels say beyond its size.
type jpegHeader struct {
	// orientation is EXIF's (JEITA CP-3451, tag 0x0112), 1..8; 1 where none is told.
	orientation int
	// progressive files keep all coefficients until their end: 4 bytes a sample more.
	progressive bool
}

// readJPEGHeader walks the segments up to the frame header. What it does not understand
// ends the walk: decoding will say what is wrong.
func readJPEGHeader(data []byte) jpegHeader {
	h := jpegHeader{orientation: 1}
	if len(data) < 2 {
		return h
	}
	data = data[2:] // start of image
	for len(data) >= 4 && data[0] == 0xff {
		marker := data[1]
		if marker == 0xff { // fill byte
			data = data[1:]
			continue
		}
		if marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc {
			h.progressive = marker == 0xc2
			return h
		}
		length := int(binary.BigEndian.Uint16(data[2:]))
		if length < 2 || 2+length > len(data) {
			return h
		}
		if marker == 0xe1 {
			if o := exifOrientation(data[4 : 2+length]); o != 0 {
				h.orientation = o
			}
		}
		data = data[2+length:]
	}
	return h
}

// exifOrientation reads the orientation of an EXIF segment: 0 where there is none.
func exifOrientation(segment []byte) int {
	tiff, found := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !found || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	directory := tiff[at+2:]
	const entryLength, orientationTag, short = 12, 0x0112, 3
	for range entries {
		if len(directory) < entryLength {
			return 0
		}
		entry := directory[:entryLength]
		directory = directory[entryLength:]
		if order.Uint16(entry) != orientationTag {
			continue
		}
		o := int(order.Uint16(entry[8:]))
		if order.Uint16(entry[2:]) != short || o < 1 || o > 8 {
			return 0
		}
		return o
	}
	return 0
}
