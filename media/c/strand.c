/* What the loops know of a session: `hot.Strand`. */
#include "hot.h"

#include <string.h>

PyTypeObject *strand_type;

static PyObject *Strand_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    Strand *self = (Strand *)made(type);
    if (self != NULL)
        self->payload_type = self->patient = self->straight = -1;
    return (PyObject *)self;
}

static int Strand_traverse(Strand *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE((PyObject *)self));
    Py_VISIT(self->voice);
    Py_VISIT(self->backlog);
    Py_VISIT(self->row);
    return 0;
}

static int Strand_clear(Strand *self)
{
    Py_CLEAR(self->voice);
    Py_CLEAR(self->backlog);
    Py_CLEAR(self->row);
    return 0;
}

static void Strand_dealloc(Strand *self)
{
    PyObject_GC_UnTrack(self);
    Strand_clear(self);
    unmade((PyObject *)self);
}

static Waiting *backlog_of(Strand *self)
{
    if (self->backlog == NULL || !PyObject_TypeCheck(self->backlog, waiting_type)) {
        PyErr_SetString(PyExc_AttributeError, "_backlog");
        return NULL;
    }
    return (Waiting *)self->backlog;
}

int strand_take(Strand *self, unsigned char *packet, double now)
{
    number kind = packet[1];
    if (kind == self->patient) {
        Waiting *backlog = backlog_of(self);
        if (backlog == NULL)
            return -1;
        if (backlog->count >= ROOM)
            return OTHER;
        if (waiting_keep(backlog, packet, backlog->turn, now) < 0)
            return -1;
        return backlog->count >= MOST ? FULL : WAITS;
    }
    if (kind == self->straight && self->row != NULL &&
        PyObject_TypeCheck(self->row, following_type)) {
        int done = following_pass((Following *)self->row, packet, now);
        return done < 0 ? -1 : done ? GOES_ON : OTHER;
    }
    return OTHER;
}

static PyObject *Strand_take_usual(Strand *self, PyObject *args)
{
    Py_buffer packet;
    double now;
    if (!PyArg_ParseTuple(args, "w*d", &packet, &now))
        return NULL;
    int done = packet.len == PLAIN ? strand_take(self, packet.buf, now) : OTHER;
    PyBuffer_Release(&packet);
    return done < 0 ? NULL : PyLong_FromLong(done);
}

int strand_step(Strand *self, unsigned char *packet)
{
    Waiting *backlog = backlog_of(self);
    if (backlog == NULL || self->voice == NULL)
        return RAISED;
    backlog->turn++;
    self->timestamp = (self->timestamp + FRAME) & 0xFFFFFFFF;
    PyObject *payload = PyIter_Next(self->voice);
    if (payload == NULL)
        return PyErr_Occurred() ? RAISED : VOICE_OVER;
    char *octets;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(payload, &octets, &size) < 0 || size > LONGEST - HEADER) {
        Py_DECREF(payload);
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "a frame too long");
        return RAISED;
    }
    if (size == 0) {
        self->kind = self->payload_type | 0x80;
        Py_DECREF(payload);
        return 0;
    }
    self->sequence = (self->sequence + 1) & 0xFFFF;
    uint64_t head = (uint64_t)0x80 << 56 | (uint64_t)(self->kind & 0xFF) << 48 |
                    (uint64_t)self->sequence << 32 | (uint64_t)self->timestamp;
    put_head(packet, head, (uint32_t)self->ssrc);
    memcpy(packet + HEADER, octets, (size_t)size);
    Py_DECREF(payload);
    self->kind = self->payload_type;
    self->sent++;
    return HEADER + (int)size;
}

static PyObject *Strand_step(Strand *self, PyObject *none)
{
    unsigned char packet[LONGEST];
    int size = strand_step(self, packet);
    if (size == RAISED) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_AttributeError, "_voice");
        return NULL;
    }
    if (size == VOICE_OVER)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize((const char *)packet, size);
}

static PyMemberDef strand_members[] = {
    {"_ssrc", T_LONGLONG, offsetof(Strand, ssrc), 0, NULL},
    {"_sequence", T_LONGLONG, offsetof(Strand, sequence), 0, NULL},
    {"_timestamp", T_LONGLONG, offsetof(Strand, timestamp), 0, NULL},
    {"_payload_type", T_LONGLONG, offsetof(Strand, payload_type), 0, NULL},
    {"_kind", T_LONGLONG, offsetof(Strand, kind), 0, NULL},
    {"sent", T_LONGLONG, offsetof(Strand, sent), 0, NULL},
    {"_patient", T_LONGLONG, offsetof(Strand, patient), 0, NULL},
    {"_straight", T_LONGLONG, offsetof(Strand, straight), 0, NULL},
    {"_ticking", T_BOOL, offsetof(Strand, ticking), 0, NULL},
    {"_special", T_BOOL, offsetof(Strand, special), 0, NULL},
    {"_live", T_BOOL, offsetof(Strand, live), 0, NULL},
    {"_voice", T_OBJECT_EX, offsetof(Strand, voice), 0, NULL},
    {"_backlog", T_OBJECT_EX, offsetof(Strand, backlog), 0, NULL},
    {"_row", T_OBJECT_EX, offsetof(Strand, row), 0, NULL},
    {NULL},
};
static PyMethodDef strand_methods[] = {
    {"take_usual", (PyCFunction)Strand_take_usual, METH_VARARGS, NULL},
    {"step", (PyCFunction)Strand_step, METH_NOARGS, NULL},
    {NULL},
};
static PyType_Slot strand_slots[] = {
    {Py_tp_new, Strand_new},           {Py_tp_dealloc, Strand_dealloc},
    {Py_tp_traverse, Strand_traverse}, {Py_tp_clear, Strand_clear},
    {Py_tp_members, strand_members},   {Py_tp_methods, strand_methods},
    {0, NULL},
};
PyType_Spec strand_spec = {
    "media._hot.Strand", sizeof(Strand), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, strand_slots,
};
