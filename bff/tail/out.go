package tail

import (
	"encoding/binary"
	"net"
	"time"
)

// maxOut is how many bytes a socket gathers before it writes: what it holds of
// frames that nobody else needs any more.
const maxOut = 256 << 10

// message returns a text message as a server sends it, by RFC 6455: one frame, not
// masked, not compressed. All sockets that it goes to write the same bytes, and one
// that has several to write needs one call of the system for all of them, which is
// most of what a message costs. A [websocket.PreparedMessage] is written alone.
func message(parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	const final, text = 0x80, 1
	b := make([]byte, 0, n+10)
	switch b = append(b, final|text); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// control returns a control frame of at most 125 bytes.
func control(opcode byte, data string) []byte {
	return append([]byte{0x80 | opcode, byte(len(data))}, data...)
}

// The opcodes of control frames.
const (
	opPing = 9
	opPong = 10
)

// say gathers a message; flush writes what was gathered.
func (s *socket) say(m []byte) error {
	s.hub.sent.Add(1)
	s.out = append(s.out, m)
	if s.outBytes += len(m); s.outBytes >= maxOut {
		return s.flush()
	}
	return nil
}

// flush writes what was gathered, with one call of the system. Only the goroutine
// that writes may call it; what the reading one may write, the answer to a close,
// does not come in between two frames, since each write is whole.
func (s *socket) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	conn := s.conn.NetConn()
	// A deadline is dear with many sockets: it is moved once a minute.
	if now := time.Now(); s.deadline.Sub(now) < writeWait {
		s.deadline = now.Add(writeWait + writeWait/2)
		if err := conn.SetWriteDeadline(s.deadline); err != nil {
			return err
		}
	}
	var err error
	if len(s.out) == 1 {
		_, err = conn.Write(s.out[0])
	} else {
		out := net.Buffers(s.out)
		_, err = out.WriteTo(conn)
	}
	clear(s.out)
	if s.out, s.outBytes = s.out[:0], 0; cap(s.out) > 8 {
		s.out = nil // thousands of sockets keep none
	}
	return err
}
