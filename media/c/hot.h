/* What is done for every packet of voice, in C: the same as media/hot.py and the loops of
 * server/media_ears.py and server/media_rounds.py, which say what and why. It is optional: without a
 * compiler they are used. The loops do I/O although this is a pure room, because they work on the
 * same structures; Python's side of the arrows knows nothing of it.
 *
 * Only the stable ABI of Python 3.11 is used, so one file serves every Python that we support.
 */
#ifndef HOT_H
#define HOT_H
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <structmember.h>

#include <stdint.h>

enum { HEADER = 12, FRAME = 160, PLAIN = HEADER + FRAME }; /* octets */
enum { OTHER, WAITS, FULL, GOES_ON };                      /* what became of a packet */
enum { MOST = 50, ROOM = 64 };                             /* packets that wait: taken then; kept at all */
enum { LONGEST = 1500 };                                   /* octets of a datagram */
enum { VOICE_OVER = -1, RAISED = -2 };                     /* no packet, and why */

typedef long long number; /* what T_LONGLONG is */

typedef struct {
    PyObject_HEAD
    PyObject *beat;
    number turn;
    int count;
    unsigned char *octets; /* ROOM packets; NULL before the first */
    double *times;
    number *turns;
} Waiting;

typedef struct {
    PyObject_HEAD
    number source, expected, last, shift, ssrc;
    double heard, jitter;
    PyObject *keep; /* NULL or None: nobody listens; a Waiting; or a callable */
} Following;

typedef struct {
    PyObject_HEAD
    number ssrc, sequence, timestamp, payload_type, kind, sent, patient, straight;
    char ticking, special, live;
    PyObject *voice, *backlog, *row;
} Strand;

extern PyTypeObject *waiting_type, *following_type, *strand_type;
extern PyType_Spec waiting_spec, following_spec, strand_spec, crowd_spec;

/* A new object of a type, all zero; and its end, after what it holds was let go. */
PyObject *made(PyTypeObject *type);
void unmade(PyObject *self);

/* A packet's first octet to timestamp as one number, and its SSRC. */
uint64_t head_of(const unsigned char *packet);
uint32_t source_of(const unsigned char *packet);
void put_head(unsigned char *packet, uint64_t head, uint32_t ssrc);

/* Keep a packet, in a turn or in that of the beat; -1 with an exception. There must be room. */
int waiting_keep(Waiting *self, const unsigned char *packet, number turn, double now);
int waiting_put(Waiting *self, const unsigned char *packet, double now);

/* Turn the packet that is expected into the partner's: 1 done, 0 it is another, -1 an exception. */
int following_pass(Following *self, unsigned char *packet, double now);

/* Take a packet of PLAIN octets if it is as usual: what became of it, -1 with an exception. */
int strand_take(Strand *self, unsigned char *packet, double now);

/* Make the packet that is due, in room for LONGEST octets: its length, 0 for none, VOICE_OVER, or
 * RAISED with an exception. */
int strand_step(Strand *self, unsigned char *packet);

/* Names that the loops look up. */
int intern_names(void);
extern PyObject *name_session, *name_partner, *name_catch_up, *name_receive_known;

/* A leg's session, new; NULL with an exception if it is none of ours. */
Strand *session_of(PyObject *leg);

/* Send octets, or bytes or None that Python made, as a leg does: 0, or -1 with an exception. */
int send_by(PyObject *leg, const unsigned char *octets, int size);
int send_made(PyObject *leg, PyObject *packet);

/* A system's error is a packet dropped; anything else a fault of ours, told while it is handled.
 * Returns -1, with an exception, only if `fault` raises one. */
int blame(PyObject *leg, PyObject *fault);

/* tick(legs, now, fault): send what each of a slot's legs owes. */
PyObject *hot_tick(PyObject *module, PyObject *args);

#endif
