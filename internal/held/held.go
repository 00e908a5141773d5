// Package held counts the memory that a value holds.
//
// # Use
//
//	bytes := held.Bytes(batch)
//
// [Bytes] is all there is. It follows pointers, slices, maps, strings and interfaces, also those in fields that are not
// exported, and counts each once: a slice by its length, for what is behind it was taken in advance and depends on what
// came before. What functions, channels and unsafe pointers hold cannot be seen and is not counted.
//
// # Errors
//
// There are none.
//
// # Imports
//
// The standard library.
package held

import (
	"reflect"
	"unsafe"
)

// Bytes returns the bytes that v and all it leads to take. Nobody may change them meanwhile.
func Bytes(v any) int64 {
	c := counter{seen: map[block]bool{}}
	return c.within(reflect.ValueOf(v))
}

// block is memory that was counted.
type block struct {
	at unsafe.Pointer
	of reflect.Type
}

type counter struct{ seen map[block]bool }

// first tells whether the memory was not counted yet.
func (c *counter) first(at unsafe.Pointer, of reflect.Type) bool {
	b := block{at, of}
	if at == nil || c.seen[b] {
		return false
	}
	c.seen[b] = true
	return true
}

// within counts what a value leads to, without the value itself.
func (c *counter) within(v reflect.Value) (bytes int64) {
	switch v.Kind() {
	case reflect.Pointer:
		if c.first(v.UnsafePointer(), v.Type()) {
			return int64(v.Type().Elem().Size()) + c.within(v.Elem())
		}
	case reflect.Interface:
		if e := v.Elem(); e.IsValid() {
			if e.Kind() != reflect.Pointer { // a pointer lies in the interface, all else beside it
				bytes = int64(e.Type().Size())
			}
			return bytes + c.within(e)
		}
	case reflect.String:
		if v.Len() > 0 && c.first(unsafe.Pointer(unsafe.StringData(v.String())), v.Type()) {
			return int64(v.Len())
		}
	case reflect.Slice:
		if v.Len() > 0 && c.first(v.UnsafePointer(), v.Type()) {
			return int64(v.Len())*int64(v.Type().Elem().Size()) + c.elements(v)
		}
	case reflect.Array:
		return c.elements(v)
	case reflect.Map:
		if c.first(v.UnsafePointer(), v.Type()) {
			t := v.Type()
			bytes = int64(v.Len()) * int64(t.Key().Size()+t.Elem().Size())
			for it := v.MapRange(); it.Next(); {
				bytes += c.within(it.Key()) + c.within(it.Value())
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			bytes += c.within(v.Field(i))
		}
	}
	return bytes
}

// elements counts what the elements of a list lead to.
func (c *counter) elements(v reflect.Value) (bytes int64) {
	if !leads(v.Type().Elem()) {
		return 0
	}
	for i := range v.Len() {
		bytes += c.within(v.Index(i))
	}
	return bytes
}

// leads tells whether values of a type lead anywhere.
func leads(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.String, reflect.Slice, reflect.Map:
		return true
	case reflect.Array:
		return leads(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if leads(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
