package chdb

import (
	"io"
	"runtime"
	"unsafe"
)

// Error is what the engine answered instead of a result, in its own words
// ("Code: 60. DB::Exception: … (UNKNOWN_TABLE)").
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// Parameters are the values of {name:Type} placeholders.
type Parameters map[string]string

// Statistics are what a statement read and wrote.
type Statistics struct {
	ResultRows                uint64
	ReadRows, ReadBytes       uint64
	WrittenRows, WrittenBytes uint64
}

// Connection is one session of the engine. It runs one statement at a time and
// must not be used from two goroutines at once.
type Connection struct {
	library      *Library
	outer, inner uintptr
}

// Close ends the session.
func (c *Connection) Close() {
	if c.outer != 0 {
		c.library.closeConnection(c.outer)
		c.outer, c.inner = 0, 0
	}
}

// Query runs a statement to its end and hands its whole output over.
func (c *Connection) Query(sql []byte, format string, parameters Parameters) ([]byte, Statistics, error) {
	p := pack(parameters)
	result := c.library.query(c.inner, bytesPointer(sql), uintptr(len(sql)), stringPointer(format), uintptr(len(format)),
		p.names(), p.nameLengths(), p.values(), p.valueLengths(), uintptr(len(p.name)))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(p)
	return c.library.take(result)
}

// Stream starts a statement whose output is read block by block.
func (c *Connection) Stream(sql []byte, format string, parameters Parameters) (*Stream, error) {
	p := pack(parameters)
	handle := c.library.streamQuery(c.inner, bytesPointer(sql), uintptr(len(sql)), stringPointer(format), uintptr(len(format)),
		p.names(), p.nameLengths(), p.values(), p.valueLengths(), uintptr(len(p.name)))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(p)
	if message := c.library.resultError(handle); message != "" {
		c.library.resultDestroy(handle)
		return nil, &Error{Message: message}
	}
	return &Stream{connection: c, handle: handle}, nil
}

// Stream is the output of a running statement.
type Stream struct {
	connection *Connection
	handle     uintptr
	ended      bool
	statistics Statistics
}

// Next returns the next piece of output, io.EOF after the last one.
func (s *Stream) Next() ([]byte, error) {
	if s.ended {
		return nil, io.EOF
	}
	result := s.connection.library.streamFetch(s.connection.inner, s.handle)
	output, statistics, err := s.connection.library.take(result)
	s.statistics.add(statistics)
	if err != nil || len(output) == 0 {
		s.ended = true
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	return output, nil
}

// Statistics are those of what was read so far.
func (s *Stream) Statistics() Statistics { return s.statistics }

// Close cancels what still runs and frees the stream.
func (s *Stream) Close() {
	if s.handle == 0 {
		return
	}
	if !s.ended {
		s.connection.library.streamCancel(s.connection.inner, s.handle)
	}
	s.connection.library.resultDestroy(s.handle)
	s.handle = 0
}

// Insert starts an INSERT ("INSERT INTO t (a, b)", without FORMAT and data)
// whose data follows by Append.
func (c *Connection) Insert(sql []byte, format string, parameters Parameters) (*Insert, error) {
	p := pack(parameters)
	handle := c.library.insert(c.inner, bytesPointer(sql), uintptr(len(sql)), stringPointer(format), uintptr(len(format)),
		p.names(), p.nameLengths(), p.values(), p.valueLengths(), uintptr(len(p.name)))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(p)
	insert := &Insert{library: c.library, handle: handle}
	if message := c.library.insertError(handle); message != "" {
		insert.Close()
		return nil, &Error{Message: message}
	}
	return insert, nil
}

// Insert is an INSERT that waits for its data. It must be closed.
type Insert struct {
	library *Library
	handle  uintptr
	done    bool
}

// Append hands data over in the insert's format. The engine copies it.
func (i *Insert) Append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	state := i.library.insertAppend(i.handle, bytesPointer(data), uintptr(len(data)))
	runtime.KeepAlive(data)
	if state == 0 {
		return nil
	}
	if message := i.library.insertError(i.handle); message != "" {
		return &Error{Message: message}
	}
	return &Error{Message: "Code: 1000. DB::Exception: the insert has ended already. (POCO_EXCEPTION)"}
}

// Done says that all data was handed over, and waits until it is stored.
func (i *Insert) Done() (Statistics, error) {
	i.done = true
	_, statistics, err := i.library.take(i.library.insertDone(i.handle))
	return statistics, err
}

// Close frees the insert, and cancels it where Done was not called.
func (i *Insert) Close() {
	if i.handle == 0 {
		return
	}
	if !i.done {
		i.library.insertCancel(i.handle)
	}
	i.library.insertDestroy(i.handle)
	i.handle = 0
}

// take copies a result out of the engine's memory and frees it.
func (l *Library) take(result uintptr) ([]byte, Statistics, error) {
	if result == 0 {
		return nil, Statistics{}, &Error{Message: "Code: 1000. DB::Exception: the engine returned nothing. (POCO_EXCEPTION)"}
	}
	defer l.resultDestroy(result)
	if message := l.resultError(result); message != "" {
		return nil, Statistics{}, &Error{Message: message}
	}
	statistics := Statistics{
		ResultRows:   l.resultRowsRead(result),
		ReadRows:     l.resultStorageRowsRead(result),
		ReadBytes:    l.resultStorageBytesRead(result),
		WrittenRows:  l.resultRowsWritten(result),
		WrittenBytes: l.resultBytesWritten(result),
	}
	length := l.resultLength(result)
	if length == 0 {
		return nil, statistics, nil
	}
	output := make([]byte, length)
	copy(output, unsafe.Slice((*byte)(l.resultBuffer(result)), length))
	return output, statistics, nil
}

func (s *Statistics) add(o Statistics) {
	s.ResultRows += o.ResultRows
	s.ReadRows += o.ReadRows
	s.ReadBytes += o.ReadBytes
	s.WrittenRows += o.WrittenRows
	s.WrittenBytes += o.WrittenBytes
}
