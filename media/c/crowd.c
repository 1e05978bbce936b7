/* All sockets of all legs: what comes is taken, and what goes on is sent. */
#include "hot.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READY = 1024 }; /* sockets of a round */

typedef struct {
    PyObject *leg;     /* NULL: nobody */
    PyObject *take;    /* callable(now); NULL for a plain line */
    Strand *session;   /* of a plain line */
} Ear;

typedef struct {
    PyObject *leg;     /* from whom it came */
    PyObject *packet;  /* made by Python; NULL: in `octets` */
    unsigned char octets[PLAIN];
} Onward;

typedef struct {
    PyObject_HEAD
    int poll, stream, room;
    double offset;
    PyObject *fault;
    Ear *ears; /* by descriptor */
    struct epoll_event *ready;
    Onward *onward;
} Crowd;

static PyObject *Crowd_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    int stream;
    double offset;
    PyObject *fault;
    if (!PyArg_ParseTuple(args, "iOd", &stream, &fault, &offset))
        return NULL;
    Crowd *self = (Crowd *)made(type);
    if (self == NULL)
        return NULL;
    self->stream = stream;
    self->offset = offset;
    self->fault = Py_NewRef(fault);
    self->ready = PyMem_Malloc(READY * sizeof *self->ready);
    self->onward = PyMem_Malloc(READY * sizeof *self->onward);
    self->poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = stream};
    if (self->ready == NULL || self->onward == NULL)
        PyErr_NoMemory();
    else if (self->poll < 0 || epoll_ctl(self->poll, EPOLL_CTL_ADD, stream, &event) < 0)
        PyErr_SetFromErrno(PyExc_OSError);
    else
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void quiet(Ear *ear)
{
    Py_CLEAR(ear->leg);
    Py_CLEAR(ear->take);
    Py_CLEAR(ear->session);
}

/* It lives as long as its process, and what it holds would not be garbage before. */
static void Crowd_dealloc(Crowd *self)
{
    for (int n = 0; n < self->room; n++)
        quiet(&self->ears[n]);
    if (self->poll >= 0)
        close(self->poll);
    PyMem_Free(self->ears);
    PyMem_Free(self->ready);
    PyMem_Free(self->onward);
    Py_CLEAR(self->fault);
    unmade((PyObject *)self);
}

static PyObject *Crowd_listen(Crowd *self, PyObject *args)
{
    int end;
    PyObject *take, *leg;
    if (!PyArg_ParseTuple(args, "iOO", &end, &take, &leg))
        return NULL;
    if (end >= self->room) {
        int room = end + 256;
        Ear *ears = PyMem_Realloc(self->ears, (size_t)room * sizeof *ears);
        if (ears == NULL)
            return PyErr_NoMemory();
        memset(ears + self->room, 0, (size_t)(room - self->room) * sizeof *ears);
        self->ears = ears;
        self->room = room;
    }
    Strand *session = NULL;
    if (take == Py_None && (session = session_of(leg)) == NULL)
        return NULL;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = end};
    if (epoll_ctl(self->poll, EPOLL_CTL_ADD, end, &event) < 0) {
        Py_XDECREF((PyObject *)session);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    quiet(&self->ears[end]);
    self->ears[end] = (Ear){Py_NewRef(leg), session == NULL ? Py_NewRef(take) : NULL, session};
    Py_RETURN_NONE;
}

static PyObject *Crowd_hang_up(Crowd *self, PyObject *args)
{
    int end;
    if (!PyArg_ParseTuple(args, "i", &end))
        return NULL;
    if (end < 0 || end >= self->room || self->ears[end].leg == NULL) {
        PyErr_SetString(PyExc_KeyError, "nobody listens to it");
        return NULL;
    }
    quiet(&self->ears[end]);
    if (epoll_ctl(self->poll, EPOLL_CTL_DEL, end, NULL) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

/* Let Python take a datagram; what it makes of it, NULL with an exception. */
static PyObject *take_oddly(Strand *session, unsigned char *octets, ssize_t size, double now)
{
    PyObject *datagram = PyByteArray_FromStringAndSize((const char *)octets, size);
    PyObject *at = datagram == NULL ? NULL : PyFloat_FromDouble(now);
    PyObject *made = at == NULL ? NULL
                                : PyObject_CallMethodObjArgs((PyObject *)session,
                                                             name_receive_known, datagram, at, NULL);
    Py_XDECREF(at);
    Py_XDECREF(datagram);
    return made;
}

/* Tell whether Python's answer, in `onward`, goes on: 1, 0, -1 an exception. */
static int goes_on(Onward *onward)
{
    if (onward->packet == NULL)
        return -1;
    if (onward->packet != Py_None)
        return 1;
    Py_CLEAR(onward->packet);
    return 0;
}

/* Take one datagram of a plain line: 1 it goes on, in `onward`; 0; -1 an exception. */
static int take_plain(int end, Strand *session, Onward *onward, double now)
{
    unsigned char octets[LONGEST];
    ssize_t size = recv(end, octets, sizeof octets, MSG_DONTWAIT);
    if (size < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    int done = size == PLAIN ? strand_take(session, octets, now) : OTHER;
    PyObject *made = NULL;
    switch (done) {
    case WAITS:
        return 0;
    case GOES_ON:
        onward->packet = NULL;
        memcpy(onward->octets, octets, PLAIN);
        return 1;
    case FULL:
        made = PyObject_CallMethodObjArgs((PyObject *)session, name_catch_up, NULL);
        Py_XDECREF(made);
        return made == NULL ? -1 : 0;
    case OTHER:
        onward->packet = take_oddly(session, octets, size, now);
        return goes_on(onward);
    default:
        return -1;
    }
}

/* As Python takes it. */
static int take_otherwise(PyObject *take, Onward *onward, double now)
{
    onward->packet = PyObject_CallFunction(take, "d", now);
    return goes_on(onward);
}

/* Send what came from a leg to its partner, if it has one still. */
static int pass_over(Onward *onward)
{
    PyObject *partner = PyObject_GetAttr(onward->leg, name_partner);
    if (partner == NULL)
        return -1;
    int done = 0;
    if (partner != Py_None)
        done = onward->packet == NULL ? send_by(partner, onward->octets, PLAIN)
                                      : send_made(partner, onward->packet);
    Py_DECREF(partner);
    return done;
}

static double utc(const Crowd *self)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec + self->offset;
}

/* Take one datagram of each socket that has any; `going` of them go on. -1: an exception. */
static int hear_round(Crowd *self, int ready, int *told, int *going)
{
    double now = utc(self); /* not earlier than any of it came */
    for (int n = 0; n < ready; n++) {
        int end = self->ready[n].data.fd;
        if (end == self->stream) {
            *told = 1;
            continue;
        }
        if (end >= self->room || self->ears[end].leg == NULL)
            continue; /* a fault in another has just closed it */
        Ear *ear = &self->ears[end];
        PyObject *leg = Py_NewRef(ear->leg);
        PyObject *with = Py_NewRef(ear->session ? (PyObject *)ear->session : ear->take);
        Onward *onward = &self->onward[*going];
        int done = ear->session ? take_plain(end, ear->session, onward, now)
                                : take_otherwise(with, onward, now);
        Py_DECREF(with);
        if (done > 0) {
            onward->leg = leg;
            ++*going;
            continue;
        }
        int blamed = done < 0 ? blame(leg, self->fault) : 0;
        Py_DECREF(leg);
        if (blamed < 0)
            return -1;
    }
    return 0;
}

static PyObject *Crowd_receive(Crowd *self, PyObject *args)
{
    int most, told = 0;
    if (!PyArg_ParseTuple(args, "i", &most))
        return NULL;
    for (int round = 0; round < most; round++) {
        int ready = epoll_wait(self->poll, self->ready, READY, 0);
        if (ready < 0 && errno != EINTR)
            return PyErr_SetFromErrno(PyExc_OSError);
        told = 0;
        int going = 0, failed = hear_round(self, ready, &told, &going) < 0;
        for (int n = 0; n < going; n++) {
            Onward *onward = &self->onward[n];
            if (!failed && pass_over(onward) < 0)
                failed = blame(onward->leg, self->fault) < 0;
            Py_CLEAR(onward->packet);
            Py_CLEAR(onward->leg);
        }
        if (failed)
            return NULL;
        if (ready <= told)
            break;
    }
    return PyBool_FromLong(told);
}

static PyMethodDef crowd_methods[] = {
    {"listen", (PyCFunction)Crowd_listen, METH_VARARGS, NULL},
    {"hang_up", (PyCFunction)Crowd_hang_up, METH_VARARGS, NULL},
    {"receive", (PyCFunction)Crowd_receive, METH_VARARGS, NULL},
    {NULL},
};
static PyType_Slot crowd_slots[] = {
    {Py_tp_new, Crowd_new},
    {Py_tp_dealloc, Crowd_dealloc},
    {Py_tp_methods, crowd_methods},
    {0, NULL},
};
PyType_Spec crowd_spec = {
    "media._hot.Crowd", sizeof(Crowd), 0, Py_TPFLAGS_DEFAULT, crowd_slots,
};
