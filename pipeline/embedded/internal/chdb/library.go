// Package chdb binds the C interface of libchdb.so, the ClickHouse engine as a
// shared library, by purego (no cgo). It knows connections, results, streams
// of results and streams of inserts; it knows nothing of HTTP. The engine
// process of package embedded is its only caller: a process can hold one data
// directory, and the engine never gives its memory and threads back.
package chdb

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is the loaded libchdb.so with its functions resolved.
type Library struct {
	version                func() string
	setSignalHandlers      func(enabled int32)
	shutdown               func()
	connect                func(argc int32, argv unsafe.Pointer) uintptr
	closeConnection        func(connection uintptr)
	query                  func(connection uintptr, sql unsafe.Pointer, sqlLength uintptr, format unsafe.Pointer, formatLength uintptr, names, nameLengths, values, valueLengths unsafe.Pointer, count uintptr) uintptr
	streamQuery            func(connection uintptr, sql unsafe.Pointer, sqlLength uintptr, format unsafe.Pointer, formatLength uintptr, names, nameLengths, values, valueLengths unsafe.Pointer, count uintptr) uintptr
	streamFetch            func(connection, stream uintptr) uintptr
	streamCancel           func(connection, stream uintptr)
	insert                 func(connection uintptr, sql unsafe.Pointer, sqlLength uintptr, format unsafe.Pointer, formatLength uintptr, names, nameLengths, values, valueLengths unsafe.Pointer, count uintptr) uintptr
	insertAppend           func(stream uintptr, data unsafe.Pointer, length uintptr) int32
	insertDone             func(stream uintptr) uintptr
	insertCancel           func(stream uintptr)
	insertError            func(stream uintptr) string
	insertDestroy          func(stream uintptr)
	resultDestroy          func(result uintptr)
	resultBuffer           func(result uintptr) unsafe.Pointer
	resultLength           func(result uintptr) uintptr
	resultError            func(result uintptr) string
	resultRowsRead         func(result uintptr) uint64
	resultStorageRowsRead  func(result uintptr) uint64
	resultStorageBytesRead func(result uintptr) uint64
	resultRowsWritten      func(result uintptr) uint64
	resultBytesWritten     func(result uintptr) uint64
}

// Open loads the library at path and resolves its functions. The engine itself
// starts with the first Connect.
func Open(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load the engine library %s: %w", path, err)
	}
	l := &Library{}
	for _, f := range []struct {
		into any
		name string
	}{
		{&l.version, "chdb_version"},
		{&l.setSignalHandlers, "chdb_set_signal_handlers_enabled"},
		{&l.shutdown, "chdb_shutdown"},
		{&l.connect, "chdb_connect"},
		{&l.closeConnection, "chdb_close_conn"},
		{&l.query, "chdb_query_with_params_n"},
		{&l.streamQuery, "chdb_stream_query_with_params_n"},
		{&l.streamFetch, "chdb_stream_fetch_result"},
		{&l.streamCancel, "chdb_stream_cancel_query"},
		{&l.insert, "chdb_stream_insert_with_params_n"},
		{&l.insertAppend, "chdb_stream_append"},
		{&l.insertDone, "chdb_stream_done"},
		{&l.insertCancel, "chdb_stream_cancel_insert"},
		{&l.insertError, "chdb_stream_insert_error"},
		{&l.insertDestroy, "chdb_destroy_insert_stream"},
		{&l.resultDestroy, "chdb_destroy_query_result"},
		{&l.resultBuffer, "chdb_result_buffer"},
		{&l.resultLength, "chdb_result_length"},
		{&l.resultError, "chdb_result_error"},
		{&l.resultRowsRead, "chdb_result_rows_read"},
		{&l.resultStorageRowsRead, "chdb_result_storage_rows_read"},
		{&l.resultStorageBytesRead, "chdb_result_storage_bytes_read"},
		{&l.resultRowsWritten, "chdb_result_rows_written"},
		{&l.resultBytesWritten, "chdb_result_bytes_written"},
	} {
		address, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("the library %s has no function %s: %w", path, f.name, err)
		}
		purego.RegisterFunc(f.into, address)
	}
	// The engine's own crash handlers do not run on Go's signal stacks.
	l.setSignalHandlers(0)
	return l, nil
}

// Version is the release of the library, not of ClickHouse.
func (l *Library) Version() string { return l.version() }

// Shutdown stops the engine's threads. Every connection must be closed before.
func (l *Library) Shutdown() { l.shutdown() }

// Connect opens a connection. The arguments of the first one ("--path=DIR" and
// server options) start the engine; those of later ones are settings of that
// connection alone.
func (l *Library) Connect(arguments ...string) (*Connection, error) {
	pointers := make([]unsafe.Pointer, 0, len(arguments)+2)
	for _, argument := range append([]string{"netra"}, arguments...) {
		pointers = append(pointers, cString(argument))
	}
	count := len(pointers)
	pointers = append(pointers, nil)
	outer := l.connect(int32(count), unsafe.Pointer(&pointers[0]))
	if outer == 0 {
		return nil, errors.New("the engine refused the connection")
	}
	inner := *(*uintptr)(address(outer))
	if inner == 0 {
		return nil, errors.New("the engine returned an empty connection")
	}
	return &Connection{library: l, outer: outer, inner: inner}, nil
}

func cString(s string) unsafe.Pointer {
	bytes := append([]byte(s), 0)
	return unsafe.Pointer(&bytes[0])
}

// address turns an address that C gave us into a pointer; it is never one of
// Go's memory, so the collector does not care about it.
func address(p uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&p))
}
