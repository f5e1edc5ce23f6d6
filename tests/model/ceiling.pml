/*
 * The write-ahead ceiling: no ordinal is handed out twice, whatever Redis forgets.
 *
 * One sequence, one generation. check.sh verifies this exhaustively in small bounds: every
 * scenario must hold, and with any one safeguard taken away Spin must find a duplicate.
 *
 * What is modelled
 *
 * - A server is what its log of commands has made of the counter: next <= confirmed <= pending,
 *   the token (the server's identity) and the nonce of the latest extension. Token 0: it doesn't
 *   know the generation. Every script is one atomic step, and belongs to the log.
 * - What survives a loss is always a prefix of the log: a disk, or a replica, is a copy of the
 *   state as it was at some moment. Copying is a step of its own, at any time or never, so a
 *   loss goes back to any state since the newest that is known to be safe.
 * - Nodes have no state but the blocks they hold, so any number of them is modelled: whoever
 *   it is asks, at any time. One that crashes takes no more steps: so each step is optional.
 *   A block counts as handed out once the server has reserved it, whenever its reply comes.
 * - A confirm is a message that arrives at any time after its proof, or never; also after its
 *   server restarted, was replaced, or became the primary again.
 * - Not modelled: what is refused otherwise (another generation, limits), a replica that loses
 *   its memory, and a restored backup, which is no prefix that had all that was proved.
 *
 * Scenario: -DLOSSES=n, and
 *   -DDISK          the primary may restart with what its disk has; the proof: the disk has it
 *   -DREPLICA       the replica may be promoted while the old primary goes on serving, and is
 *                   made the new one's replica at any time after; the proof: the replica has it
 *   (both           either may happen, and both proofs are needed)
 *   -DNONCES=n      so many extensions;  -DMAX=n  so many ordinals (at most 8)
 *   -DSETTLE        nodes stop cleanly;  -DGIVE_BACK  two nodes give back the ends of blocks
 *   -DNO_REPLACE    no extension replaces one that wasn't confirmed or settled
 *   -DREACH         not a safeguard: fails when ordinals flow after the last loss, as they must
 * Safeguards taken away: -DWITHOUT_...; each is explained where it is used.
 */
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef NONCES
#define NONCES 3
#endif
#ifndef MAX
#define MAX 6
#endif
#define WINDOW0 1 /* what create.lua begins with */
#define WINDOW 2  /* what extend.lua adds */
#define BLOCK 2   /* a reservation is for 1 to so many */

#ifdef REPLICA
#define SERVERS 2
#else
#define SERVERS 1
#endif

#define BIT(nonce) (1 << (nonce))
#define SPAN(from, n) (((1 << (n)) - 1) << (from))

typedef counter {
    byte next, confirmed, pending, token, nonce
};

counter memory[SERVERS];
#ifdef DISK
counter disk[SERVERS];
#endif
bool primary[SERVERS];
byte identity[SERVERS];  /* the server's token, new with each restart and each promotion */
byte identities = 1, nonces;

/* Sets of nonces, as bits. */
byte asking[SERVERS];    /* extended by this server as it now is; the node waits for a proof */
byte flushed, copied;    /* of those: the disk, the replica, has it */
byte flying[SERVERS];    /* proved; the confirm is on its way */

byte given;              /* set of ordinals: handed out, or in a node's block */

#ifdef GIVE_BACK
typedef span {
    byte end, count
};
span block[2];           /* the end of each node's latest block */
span returning[2];       /* on its way back */
#endif

inline copy(to, from) {
    to.next = from.next;
    to.confirmed = from.confirmed;
    to.pending = from.pending;
    to.token = from.token;
    to.nonce = from.nonce
}

/* No proof can be had any more: the connection broke, or INFO shows another token. */
inline stop_asking(s) {
#ifndef WITHOUT_TOKEN_IN_PROOF
    flushed = flushed & ~asking[s];
    copied = copied & ~asking[s];
    asking[s] = 0
#else
    skip
#endif
}

inline change_identity(s) {
    stop_asking(s);
    identities++;
    identity[s] = identities
}

/* --- The scripts -------------------------------------------------------------------- */

/* reserve.lua and extend.lua begin with this: jump over all that can have been handed out. */
inline adopt(s) {
    if
    :: memory[s].token != identity[s] ->
#if defined(WITHOUT_PENDING_IN_ADOPTION) /* jumps to the confirmed ceiling, which may be an old one */
        memory[s].next = memory[s].confirmed;
        memory[s].pending = memory[s].confirmed;
#elif !defined(WITHOUT_ADOPTION)
        memory[s].next = memory[s].pending;
        memory[s].confirmed = memory[s].pending;
#endif
#ifdef WITHOUT_WAITING_AFTER_ADOPTION /* a first window without proof */
        memory[s].pending = memory[s].pending + 1;
        memory[s].confirmed = memory[s].pending;
#endif
        memory[s].token = identity[s]
    :: else
    fi
}

/* reserve.lua. */
inline reserve(s, node, n) {
    adopt(s);
    if
    :: memory[s].next + n <= memory[s].confirmed ->
        assert((given & SPAN(memory[s].next, n)) == 0); /* the property */
#ifdef REACH
        assert(identity[s] != LOSSES + 1);
#endif
        given = given | SPAN(memory[s].next, n);
        memory[s].next = memory[s].next + n;
#ifdef GIVE_BACK
        block[node].end = memory[s].next;
        block[node].count = n
#endif
    :: else /* the ceiling: nothing is reserved */
    fi
}

#ifdef NO_REPLACE
#define MAY_REPLACE(s) (memory[s].confirmed == memory[s].pending || memory[s].token != identity[s])
#else
#define MAY_REPLACE(s) true
#endif

/* extend.lua. */
inline extend(s) {
#ifdef WITHOUT_ADOPTION_IN_EXTEND /* which then must not take over the token, either */
    skip;
#else
    adopt(s);
#endif
    nonces++;
    memory[s].pending = memory[s].pending + WINDOW;
    memory[s].nonce = nonces;
    asking[s] = asking[s] | BIT(nonces)
}

#ifdef WITHOUT_TOKEN_IN_CONFIRM
#define CONFIRM_TOKEN(s) true
#else
#define CONFIRM_TOKEN(s) (memory[s].token == identity[s])
#endif
#ifdef WITHOUT_NONCE_IN_CONFIRM
#define CONFIRM_NONCE(s, n) true
#else
#define CONFIRM_NONCE(s, n) (memory[s].nonce == n)
#endif

/* confirm.lua. The caller has the proof. */
inline confirm(s, n) {
    if
    :: CONFIRM_TOKEN(s) && CONFIRM_NONCE(s, n) -> memory[s].confirmed = memory[s].pending
    :: else
    fi
}

#ifdef WITHOUT_TOKEN_IN_SETTLE
#define SETTLE_TOKEN(s) true
#else
#define SETTLE_TOKEN(s) (memory[s].token == identity[s])
#endif

/* settle.lua: nothing is burnt by a stop of Redis that loses nothing afterwards. */
inline settle(s) {
    if
    :: SETTLE_TOKEN(s) ->
        memory[s].confirmed = memory[s].next;
        memory[s].pending = memory[s].next;
#ifndef WITHOUT_CLEARING_IN_SETTLE
        memory[s].nonce = 0
#endif
    :: else
    fi
}

/* give_back.lua. */
inline give_back(s, node) {
    if
    :: memory[s].next == returning[node].end ->
        memory[s].next = memory[s].next - returning[node].count
    :: else
    fi;
#ifdef WITHOUT_SENDING_ONCE /* the reply is lost, and the request is sent again */
    if
    :: true
    :: returning[node].end = 0; returning[node].count = 0
    fi
#else
    returning[node].end = 0;
    returning[node].count = 0
#endif
}

#ifdef WITHOUT_PROOF
#define PROVED(n) true
#elif defined(DISK) && defined(REPLICA) && !defined(WITHOUT_DISK_IN_PROOF) && !defined(WITHOUT_REPLICA_IN_PROOF)
#define PROVED(n) (flushed & copied & BIT(n))
#elif defined(DISK) && !defined(WITHOUT_DISK_IN_PROOF)
#define PROVED(n) (flushed & BIT(n))
#else
#define PROVED(n) (copied & BIT(n))
#endif

/* --- What may happen ----------------------------------------------------------------- */

active proctype world() {
    byte s, node, n;

    /* create.lua: generation, first window and token in one step. No proof is needed: a server
       that lost this step doesn't know the generation. */
    atomic {
        primary[0] = true;
        identity[0] = identities;
        memory[0].token = identities;
        memory[0].confirmed = WINDOW0;
        memory[0].pending = WINDOW0
    }

    do
    /* A node calls a script. */
    :: atomic {
        select(s : 0 .. SERVERS - 1);
        select(n : 1 .. BLOCK);
#ifdef GIVE_BACK
        select(node : 0 .. 1);
#endif
        if
        :: primary[s] && memory[s].token -> reserve(s, node, n)
        :: else
        fi;
        s = 0; n = 0; node = 0
    }
    :: atomic {
        select(s : 0 .. SERVERS - 1);
        if
        :: primary[s] && memory[s].token && nonces < NONCES && memory[s].pending + WINDOW <= MAX &&
           MAY_REPLACE(s) -> extend(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* it sees the proof, and sends the confirm */
        select(s : 0 .. SERVERS - 1);
        select(n : 1 .. NONCES);
        if
        :: (asking[s] & BIT(n)) && PROVED(n) ->
            asking[s] = asking[s] & ~BIT(n);
            flushed = flushed & ~BIT(n);
            copied = copied & ~BIT(n);
            flying[s] = flying[s] | BIT(n)
        :: else
        fi;
        s = 0; n = 0
    }
    :: atomic { /* the confirm arrives */
        select(s : 0 .. SERVERS - 1);
        select(n : 1 .. NONCES);
        if
        :: primary[s] && memory[s].token && (flying[s] & BIT(n)) ->
            flying[s] = flying[s] & ~BIT(n);
            confirm(s, n)
        :: else
        fi;
        s = 0; n = 0
    }
#ifdef SETTLE
    :: atomic {
        select(s : 0 .. SERVERS - 1);
        if
        :: primary[s] && memory[s].token -> settle(s)
        :: else
        fi;
        s = 0
    }
#endif
#ifdef GIVE_BACK
    :: atomic { /* a node will not hand out the last n of its block, and sends them back */
        select(node : 0 .. 1);
        select(n : 1 .. BLOCK);
        if
        :: block[node].count >= n && returning[node].count == 0 ->
            given = given & ~SPAN(block[node].end - n, n);
            returning[node].end = block[node].end;
            returning[node].count = n;
            block[node].end = 0;
            block[node].count = 0
        :: else
        fi;
        node = 0; n = 0
    }
    :: atomic { /* they arrive */
        select(s : 0 .. SERVERS - 1);
        select(node : 0 .. 1);
        if
        :: primary[s] && memory[s].token && returning[node].count -> give_back(s, node)
        :: else
        fi;
        s = 0; node = 0
    }
#endif
#ifdef DISK
    :: atomic { /* what was written is on the disk */
        select(s : 0 .. SERVERS - 1);
        copy(disk[s], memory[s]);
        flushed = flushed | asking[s];
        s = 0
    }
    :: atomic { /* the primary restarts with what the disk has */
        select(s : 0 .. SERVERS - 1);
        if
        :: primary[s] && identities <= LOSSES ->
            copy(memory[s], disk[s]);
            change_identity(s)
        :: else
        fi;
        s = 0
    }
#endif
#ifdef REPLICA
    :: atomic { /* the replica catches up */
        select(s : 0 .. 1);
        if
        :: primary[s] && !primary[1 - s] ->
            copy(memory[1 - s], memory[s]);
            copied = copied | asking[s]
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the replica is promoted; the primary doesn't know */
        select(s : 0 .. 1);
        if
        :: !primary[s] && identities <= LOSSES ->
            primary[s] = true;
            change_identity(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the older of two primaries is demoted, and takes over all from the new one */
        select(s : 0 .. 1);
        if
        :: primary[0] && primary[1] && identity[s] < identity[1 - s] ->
            primary[s] = false;
            stop_asking(s);
            copy(memory[s], memory[1 - s]);
            copied = copied | asking[1 - s]
        :: else
        fi;
        s = 0
    }
#endif
    od
}
