/*
 * The write-ahead ceiling: no ordinal is handed out twice, whatever Redis forgets.
 *
 * One sequence, one generation. check.sh verifies this exhaustively in small bounds: every
 * scenario must hold, and with a safeguard taken away Spin must find a duplicate.
 *
 * - A server is what its log of commands has made of the counter: next <= confirmed <= pending,
 *   the token stored beside them and the nonce of the last settling. Token 0: the server
 *   doesn't know the generation, and answers so. A script is one atomic step of the log.
 * - A loss goes back to a prefix of the log. So a disk, and a replica, is a copy of the state
 *   as it was at some moment. Copying is a step of its own, at any time or never: every
 *   prefix since the last that was proved can be what survives.
 * - Nodes have no state but the blocks they hold, so there are any number of them (two, where
 *   ends of blocks are given back): anyone asks, at any time. Every step may be left out,
 *   so a node may crash at any point. A block counts as handed out once the server has
 *   reserved it, whenever the reply comes.
 * - A confirm is a message, with what its extension was told: ceiling, token, nonce. It arrives at any time after its proof, or never; also when its
 *   server has restarted, was replaced, or has become the primary again.
 * - Not modelled: what is refused for other reasons (limits, another generation), and backups
 *   put back, which can be older than what was proved.
 *
 * Scenarios and the safeguards to be taken away are settings, read from the environment, not
 * macros: so the verifier is compiled once, not once for each.
 */
#define SETTINGS \
    /* How many losses, extensions, ordinals (at most 8), and ordinals in a block. */ \
    SET(losses) SET(extensions) SET(ordinals) SET(length) \
    /* The primary may restart with what its disk has. The proof: the disk has the extension. */ \
    SET(disk) \
    /* The replica may be promoted while the old primary goes on serving, and one of the two be */ \
    /* made the other's replica at any time later. The proof: the replica has the extension. */ \
    /* With disk and replica both are needed. */ \
    SET(replica) \
    SET(replica_disk) /* what a replica has is on its disk at once */ \
    SET(settle)       /* nodes stop cleanly */ \
    SET(give_back)    /* nodes give back the ends of blocks */ \
    /* No property: an error when ordinals flow after the last loss, as they must. */ \
    SET(resume) \
    /* Safeguards taken away. */ \
    SET(without_proof) SET(without_disk_proof) SET(without_replica_proof) SET(without_token_in_proof) \
    SET(without_adoption) SET(without_pending_in_adoption) SET(without_wait_after_adoption) \
    SET(without_adoption_in_extend) SET(without_token_in_confirm) SET(without_nonce_in_confirm) \
    SET(without_ceiling_in_confirm) SET(without_token_in_settle) SET(without_sending_once)

/* Hidden: constant, so not part of a state. */
#define SET(name) hidden byte name;
SETTINGS
#undef SET

c_decl {
    static unsigned char setting(const char *name) {
        const char *text = getenv(name);
        return text ? (unsigned char)atoi(text) : 0;
    }
}

#define WINDOW0 1 /* what create.lua begins with */
#define WINDOW 2  /* how far above the counter extend.lua raises it */

#define BIT(n) (1 << (n))
#define SPAN(from, n) (((1 << (n)) - 1) << (from))

typedef counter {
    byte next, confirmed, pending, token, settled
};

typedef span {
    byte end, count
};

counter memory[2], saved[2]; /* of servers, and of their disks */
bool primary[2];
byte identity[2];            /* a server's own token: new with each restart and promotion */
byte identities = 1, settlings; /* both are random numbers really: never used before */

byte made;                   /* extensions: 1, 2, ...; and what each was told */
byte told_pending[6], told_token[6], told_settled[6];

/* Sets of extensions, as bits. */
byte asking[2];              /* extended by this server as it now is; a node waits for the proof */
byte flushed, copied;        /* of those: the disk, the replica, has it */
byte flying[2];              /* proved; the confirm is on its way */

byte given;                  /* set of ordinals: handed out, or in a node's block */
span block[2];               /* of each node's latest block: what it can give back */
span returning[2];           /* on its way back */

#define KNOWS(s) (primary[s] && memory[s].token != 0)
#define IS_ADOPTED(s) (memory[s].token == identity[s])

inline copy(to, from) {
    to.next = from.next;
    to.confirmed = from.confirmed;
    to.pending = from.pending;
    to.token = from.token;
    to.settled = from.settled
}

/* --- The scripts -------------------------------------------------------------------- */

/* reserve.lua and extend.lua begin with this: jump over all that can have been handed out. */
inline adopt(s) {
    if
    :: IS_ADOPTED(s)
    :: else ->
        if
        :: without_adoption
        :: without_pending_in_adoption -> /* to the old ceiling: its raise may be what was lost */
            memory[s].next = memory[s].confirmed;
            memory[s].pending = memory[s].confirmed
        :: else ->
            memory[s].next = memory[s].pending;
            memory[s].confirmed = memory[s].pending
        fi;
        if
        :: without_wait_after_adoption -> /* a first ordinal without a proof */
            memory[s].pending++;
            memory[s].confirmed = memory[s].pending
        :: else
        fi;
        memory[s].token = identity[s];
        printf("server %d: adopted, next = confirmed = %d\n", s, memory[s].next)
    fi
}

/* reserve.lua. */
inline reserve(s, node, n) {
    adopt(s);
    if
    :: memory[s].next + n <= memory[s].confirmed ->
        printf("server %d: reserved %d ordinals from %d\n", s, n, memory[s].next);
        assert((given & SPAN(memory[s].next, n)) == 0); /* the property */
        assert(!resume || identities <= losses || identity[s] < identities);
        given = given | SPAN(memory[s].next, n);
        memory[s].next = memory[s].next + n;
        if
        :: give_back ->
            block[node].end = memory[s].next;
            block[node].count = n
        :: else
        fi
    :: else /* the ceiling: nothing is reserved */
    fi
}

/* extend.lua. Without adoption it must leave the token alone, too; then what it does is
   swallowed by the next reservation's adoption, which costs a window, but is safe. */
inline extend(s) {
    if
    :: without_adoption_in_extend
    :: else -> adopt(s)
    fi;
    made++;
    if
    :: memory[s].next + WINDOW > memory[s].pending -> memory[s].pending = memory[s].next + WINDOW
    :: else /* another node went as far: what is proved is its, and as good */
    fi;
    told_pending[made] = memory[s].pending;
    told_token[made] = identity[s];
    told_settled[made] = memory[s].settled;
    asking[s] = asking[s] | BIT(made);
    printf("extension %d of server %d, pending = %d\n", made, s, memory[s].pending)
}

/* confirm.lua. Pending ceilings only grow, but for settling: so what was proved of one is true
   until then, whoever raised it further. The token keeps out what was asked of another server;
   a node that sees that its proof was cut off does the same. */
inline confirm(s, n) {
    if
    :: (without_token_in_confirm || (IS_ADOPTED(s) && told_token[n] == identity[s])) &&
       (without_nonce_in_confirm || memory[s].settled == told_settled[n]) &&
       memory[s].pending >= told_pending[n] ->
        if
        :: without_ceiling_in_confirm -> memory[s].confirmed = memory[s].pending
        :: !without_ceiling_in_confirm && memory[s].confirmed < told_pending[n] ->
            memory[s].confirmed = told_pending[n]
        :: else
        fi;
        printf("server %d: confirm of %d, confirmed = %d\n", s, n, memory[s].confirmed)
    :: else
    fi
}

/* settle.lua. It adopts first: what a loss left has a next that is too low. */
inline do_settle(s) {
    if
    :: without_token_in_settle
    :: else -> adopt(s)
    fi;
    settlings++;
    memory[s].confirmed = memory[s].next;
    memory[s].pending = memory[s].next;
    memory[s].settled = settlings;
    printf("server %d: settled at %d\n", s, memory[s].next)
}

/* give_back.lua. No token is needed: next is at the end of a block that was reserved before
   a loss only if nothing was reserved since. But it must never be sent twice. */
inline do_give_back(s, node) {
    if
    :: memory[s].next == returning[node].end ->
        memory[s].next = memory[s].next - returning[node].count;
        printf("server %d: given back, next = %d\n", s, memory[s].next)
    :: else
    fi;
    if
    :: without_sending_once /* its reply was lost, and it is sent again */
    :: true -> returning[node].end = 0; returning[node].count = 0
    fi
}

/* --- What else happens --------------------------------------------------------------- */

/* Nobody needs it any more: fewer states. */
inline forget(n) {
    told_pending[n] = 0;
    told_token[n] = 0;
    told_settled[n] = 0
}

/* No proof can be had any more: the connection broke. */
inline stop_asking(s) {
    if
    :: without_token_in_proof
    :: else ->
        for (n : 1 .. extensions) {
            if
            :: asking[s] & BIT(n) -> forget(n)
            :: else
            fi
        }
        n = 0;
        flushed = flushed & ~asking[s];
        copied = copied & ~asking[s];
        asking[s] = 0
    fi
}

inline change_identity(s) {
    stop_asking(s);
    identities++;
    identity[s] = identities
}

#define IS_PROVED(n) (without_proof || \
    ((!disk || without_disk_proof || (flushed & BIT(n))) && \
     (!replica || without_replica_proof || (copied & BIT(n)))))

inline replicate(from) {
    copy(memory[1 - (from)], memory[from]);
    copied = copied | asking[from];
    if
    :: replica_disk -> copy(saved[1 - (from)], memory[from])
    :: else
    fi
}

active proctype world() {
    byte s, node, n;

    atomic {
#define SET(name) name = setting(#name);
        c_code { SETTINGS };
        /* create.lua: generation, first window and token in one step. It needs no proof: a
           server that lost this step doesn't know the generation. */
        primary[0] = true;
        identity[0] = identities;
        memory[0].token = identities;
        memory[0].confirmed = WINDOW0;
        memory[0].pending = WINDOW0
    }

    do
    :: atomic { /* reserve */
        if :: s = 0 :: replica -> s = 1 fi;
        if :: node = 0 :: give_back -> node = 1 fi;
        select(n : 1 .. length);
        if
        :: KNOWS(s) -> reserve(s, node, n)
        :: else
        fi;
        s = 0; node = 0; n = 0
    }
    :: atomic { /* extend */
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: KNOWS(s) && made < extensions && memory[s].next + WINDOW <= ordinals &&
           (IS_ADOPTED(s) || memory[s].pending + WINDOW <= ordinals) -> extend(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the node sees the proof, and sends the confirm */
        if :: s = 0 :: replica -> s = 1 fi;
        select(n : 1 .. extensions);
        if
        :: (asking[s] & BIT(n)) && IS_PROVED(n) ->
            asking[s] = asking[s] & ~BIT(n);
            flushed = flushed & ~BIT(n);
            copied = copied & ~BIT(n);
            flying[s] = flying[s] | BIT(n);
            printf("extension %d is proved\n", n)
        :: else
        fi;
        s = 0; n = 0
    }
    :: atomic { /* which arrives */
        if :: s = 0 :: replica -> s = 1 fi;
        select(n : 1 .. extensions);
        if
        :: KNOWS(s) && (flying[s] & BIT(n)) ->
            flying[s] = flying[s] & ~BIT(n);
            confirm(s, n);
            forget(n)
        :: else
        fi;
        s = 0; n = 0
    }
    :: atomic {
        settle;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: KNOWS(s) && settlings < 1 -> do_settle(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* a node will not hand out the last n of its block, and sends them back */
        give_back;
        if :: node = 0 :: give_back -> node = 1 fi;
        select(n : 1 .. length);
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
    :: atomic { /* which arrive */
        give_back;
        if :: s = 0 :: replica -> s = 1 fi;
        if :: node = 0 :: give_back -> node = 1 fi;
        if
        :: KNOWS(s) && returning[node].count -> do_give_back(s, node)
        :: else
        fi;
        s = 0; node = 0
    }
    :: atomic { /* all that was written is on the disk */
        disk;
        if :: s = 0 :: replica -> s = 1 fi;
        copy(saved[s], memory[s]);
        flushed = flushed | asking[s];
        s = 0
    }
    :: atomic { /* the primary restarts with what the disk has */
        disk;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: primary[s] && identities <= losses ->
            copy(memory[s], saved[s]);
            change_identity(s);
            printf("server %d: restarted, token %d\n", s, identity[s])
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the replica catches up */
        replica;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: primary[s] && !primary[1 - s] -> replicate(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the replica is promoted; the primary doesn't know, and goes on */
        replica;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: !primary[s] && identities <= losses ->
            primary[s] = true;
            change_identity(s);
            printf("server %d: promoted, token %d\n", s, identity[s])
        :: else
        fi;
        s = 0
    }
    :: atomic { /* the identity changes though nothing happened (a new replication id) */
        replica;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: primary[s] && identities <= losses -> change_identity(s)
        :: else
        fi;
        s = 0
    }
    :: atomic { /* one of two primaries, even the new one, is made the other's replica */
        replica;
        if :: s = 0 :: replica -> s = 1 fi;
        if
        :: primary[0] && primary[1] ->
            primary[s] = false;
            stop_asking(s);
            replicate(1 - s);
            printf("server %d: demoted\n", s)
        :: else
        fi;
        s = 0
    }
    od
}
