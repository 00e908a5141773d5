// Package tables compares ways to read tables.
package tables
