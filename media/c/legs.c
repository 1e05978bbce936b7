/* What the loops do with a leg: send, blame, tick. */
#include "hot.h"

#include <sys/socket.h>

PyObject *name_session, *name_partner, *name_catch_up, *name_receive_known;
static PyObject *name_send, *name_line, *name_tick, *name_dropped, *name_over;

static int intern(PyObject **kept, const char *name)
{
    *kept = PyUnicode_InternFromString(name);
    return *kept == NULL ? -1 : 0;
}

int intern_names(void)
{
    return intern(&name_session, "session") | intern(&name_partner, "partner") |
           intern(&name_catch_up, "catch_up") | intern(&name_receive_known, "receive_known") |
           intern(&name_send, "send") | intern(&name_line, "plain_line") |
           intern(&name_tick, "tick") | intern(&name_dropped, "dropped") |
           intern(&name_over, "voice_over");
}

Strand *session_of(PyObject *leg)
{
    PyObject *session = PyObject_GetAttr(leg, name_session);
    if (session != NULL && !PyObject_TypeCheck(session, strand_type)) {
        PyErr_SetString(PyExc_TypeError, "a session of another form");
        Py_CLEAR(session);
    }
    return (Strand *)session;
}

static void count_dropped(PyObject *leg)
{
    PyObject *session = PyObject_GetAttr(leg, name_session);
    PyObject *count = session == NULL ? NULL : PyObject_GetAttr(session, name_dropped);
    PyObject *one = count == NULL ? NULL : PyLong_FromLong(1);
    PyObject *more = one == NULL ? NULL : PyNumber_Add(count, one);
    if (more != NULL)
        PyObject_SetAttr(session, name_dropped, more);
    Py_XDECREF(more);
    Py_XDECREF(one);
    Py_XDECREF(count);
    Py_XDECREF(session);
}

int blame(PyObject *leg, PyObject *fault)
{
    if (PyErr_ExceptionMatches(PyExc_OSError)) {
        PyErr_Clear();
        count_dropped(leg);
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *type, *value, *trace, *before_type, *before_value, *before_trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (trace != NULL)
        PyException_SetTraceback(value, trace);
    PyErr_GetExcInfo(&before_type, &before_value, &before_trace);
    PyErr_SetExcInfo(type, value, trace);
    PyObject *session = PyObject_GetAttr(leg, name_session);
    PyObject *told =
        session == NULL ? NULL : PyObject_CallFunctionObjArgs(fault, session, NULL);
    Py_XDECREF(session);
    PyErr_SetExcInfo(before_type, before_value, before_trace);
    Py_XDECREF(told);
    return told == NULL ? -1 : 0;
}

/* Return the descriptor of a leg's plain line; -1 if its packets go another way, -2 an exception. */
static int line_of(PyObject *leg)
{
    PyObject *value = PyObject_GetAttr(leg, name_line);
    if (value == NULL)
        return -2;
    long line = PyLong_AsLong(value);
    Py_DECREF(value);
    return line == -1 && PyErr_Occurred() ? -2 : (int)line;
}

int send_by(PyObject *leg, const unsigned char *octets, int size)
{
    int line = line_of(leg);
    if (line == -2)
        return -1;
    if (line >= 0) {
        if (send(line, octets, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return 0;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    PyObject *packet = PyBytes_FromStringAndSize((const char *)octets, size);
    PyObject *way = packet == NULL ? NULL : PyObject_GetAttr(leg, name_send);
    PyObject *done = way == NULL ? NULL : PyObject_CallFunctionObjArgs(way, packet, NULL);
    Py_XDECREF(done);
    Py_XDECREF(way);
    Py_XDECREF(packet);
    return done == NULL ? -1 : 0;
}

int send_made(PyObject *leg, PyObject *packet)
{
    char *octets;
    Py_ssize_t size;
    if (packet == Py_None)
        return 0;
    if (PyBytes_AsStringAndSize(packet, &octets, &size) < 0)
        return -1;
    return send_by(leg, (const unsigned char *)octets, (int)size);
}

static int tick_leg(PyObject *leg, PyObject *now)
{
    Strand *session = session_of(leg);
    if (session == NULL)
        return -1;
    PyObject *made = NULL;
    int done = -1;
    if (session->ticking && !session->special && !session->live) {
        unsigned char packet[LONGEST];
        int size = strand_step(session, packet);
        if (size >= 0)
            done = size == 0 ? 0 : send_by(leg, packet, size);
        else if (size == VOICE_OVER)
            made = PyObject_CallMethodObjArgs((PyObject *)session, name_over, NULL);
    } else
        made = PyObject_CallMethodObjArgs((PyObject *)session, name_tick, now, NULL);
    if (made != NULL)
        done = send_made(leg, made);
    Py_XDECREF(made);
    Py_DECREF(session);
    return done;
}

PyObject *hot_tick(PyObject *module, PyObject *args)
{
    PyObject *legs, *now, *fault;
    if (!PyArg_ParseTuple(args, "O!OO", &PyTuple_Type, &legs, &now, &fault))
        return NULL;
    Py_ssize_t count = PyTuple_Size(legs);
    for (Py_ssize_t n = 0; n < count; n++) {
        PyObject *leg = PyTuple_GetItem(legs, n);
        if (tick_leg(leg, now) < 0 && blame(leg, fault) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}
