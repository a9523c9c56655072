"""An independent answer: the tiny scenario as one plain NumPy loop over days, for one world, written from the method's
equations and not from the mechanisms' code. It knows the tiny scenario by heart: its actors, routes and axes."""

from hashlib import blake2s
from math import exp, expm1, floor, log, log1p, pi, sqrt, tanh

from scipy.special import ndtri

M32 = 0xFFFFFFFF


def luck(seed: int, world: int, day: int, stream: str) -> tuple[float, float]:
    """Two uniforms of Threefry-2x32-20, in Python integers."""
    ks = (seed, world, seed ^ world ^ 0x1BD11BDA)
    x0, x1 = (day + ks[0]) & M32, (int.from_bytes(blake2s(stream.encode()).digest()[:4], "big") + ks[1]) & M32
    for i in range(20):
        r = (13, 15, 26, 6, 17, 29, 16, 24)[i % 8]
        x0 = (x0 + x1) & M32
        x1 = (((x1 << r) | (x1 >> (32 - r))) & M32) ^ x0
        if i % 4 == 3:
            k = i // 4 + 1
            x0, x1 = (x0 + ks[k % 3]) & M32, (x1 + ks[(k + 1) % 3] + k) & M32
    return tuple(((x >> 9) + 0.5) * 2.0**-23 for x in (x0, x1))


def ratio(flows: dict[tuple[str, str, str], float], held: dict[str, float]) -> dict[tuple[str, str, str], float]:
    """Scale all wishes on one account by the same share where they exceed it (the flows are in no order here)."""
    asked: dict[str, float] = {}
    for (_, giver, _), x in flows.items():
        asked[giver] = asked.get(giver, 0.0) + x
    return {k: x * min(1.0, held[k[1]] / asked[k[1]]) if k[1] in held and asked[k[1]] > 0 else x for k, x in flows.items()}


def run(before: dict, after: dict, from_day: float, seed: int, world: int, days: int) -> list[dict[str, float]]:
    """Measures at the start of each day and after the last one."""
    q = {k: float(v) for k, v in before.items()} | ({k: float(v) for k, v in after.items()} if from_day <= 0 else {})
    pool = {"a": ("north", ("new_shell", "old_shell"), "north_guns"), "b": ("south", ("new_shell",), "south_guns")}
    axes = {"plain": ("a", "south", 1), "valley": ("b", "north", 2)}
    carried = {"old_shell": ("rail", "ship"), "dart": ("rail",)}
    stages = {"rail": 4, "ship": 3}
    H: dict[str, float] = {k: 0.0 for k in ("north/old_shell", "north/heavy_rocket", "maker/heavy_rocket")}
    H |= {p[7:-5].replace(".", "/"): q[p] for p in q if p.startswith("stocks.") and p.endswith(".held")}
    H |= {f"quay/{g}": 0.0 for g in carried} | {f"way/{r}/{g}/{s}": 0.0 for g in carried for r in carried[g] for s in range(stages[r])}
    H |= {f"fallen/{s}": 0.0 for s in "ab"} | {f"ward/{s}/{i}": 0.0 for s in "ab" for i in range(2)}
    cap = {"north_works": q["production.north_works.capacity"]}
    top = q["production.maker_works.capacity"] * (1 + q["production.maker_works.headroom"])
    t0, T2 = q["production.maker_works.capacity_on"], q["production.maker_works.doubling"]
    cap["maker_works"] = top / (1 + (top / q["production.maker_works.capacity"] - 1) * 2 ** (t0 / T2))
    use = q["production.maker_works.utilisation"]
    makes = {"north_works": ("north", {"new_shell": 1.0}, 2), "maker_works": ("maker", {"old_shell": 0.9, "dart": 0.1}, 3)}
    for k, (_, mix, n) in makes.items():
        lead = q[f"production.{k}.lead_time"]
        H |= {f"job/{k}/{g}/{s}": cap[k] * (use if k == "maker_works" else 1) * w * lead / n for g, w in mix.items() for s in range(n)}
    first = {"a": H["north/northerners"], "b": H["south/southerners"]}
    crowd = {"a": "north/northerners", "b": "south/southerners"}
    age = {"maker": q["stocks.maker.old_shell.mean_age"], "north": q["stocks.north.old_shell.mean_age"]}
    inflow, known, came = {"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.0}, dict.fromkeys(H, 0.0)
    E, ind, attacking, opened = {"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.0}, 0.0
    people, ref, refdays, init = dict(first), {"a": 0.0, "b": 0.0}, 0.0, q["front.initiative_first"]
    X = {
        k: dict(x=0.0, dep=0.0, n=0.0, B=0.0, win=0.0, haz=0.0, thr=1.0, exploit=0.0, att=False, c=q[f"front.massing_{axes[k][0]}"])
        for k in axes
    }
    total = {"fired": 0.0, "a": 0.0, "b": 0.0, "delivered": 0.0, "boxes": 0.0}
    history = []

    def R(who: str) -> float:
        m = q["goods.old_shell.ageing.works_new"] * exp(
            -((q["goods.old_shell.ageing.storage"] * age[who] / q["goods.old_shell.ageing.life"]) ** q["goods.old_shell.ageing.shape"])
        )
        x = log(m / (1 - m)) / sqrt(1 + pi * q["goods.old_shell.ageing.lot_spread"] ** 2 / 8)
        return q["goods.old_shell.ageing.accuracy"] / (1 + exp(-x))

    def drive(r: float) -> float:
        lam = lambda z: max(0.0, z ** q["front.sharpness"] - 1) / (1 + z ** q["front.sharpness"])
        return lam(r) / lam(1.5)

    def snapshot() -> dict[str, float]:
        area = sum((1 if axes[k][0] == "a" else -1) * q[f"front.axes.{k}.width"] * X[k]["x"] for k in axes)
        return {"front.area": area, "losses[a]": total["a"], "losses[b]": total["b"], "fired[north_guns]": total["fired"], "front.initiative": init,
                "held[north.old_shell]": H["north/old_shell"], "held[north.new_shell]": H["north/new_shell"], "held[south.new_shell]": H["south/new_shell"],
                "held[maker.old_shell]": H["maker/old_shell"], "held[north.northerners]": H["north/northerners"], "held[north.dart]": H["north/dart"],
                "delivered[maker_north.old_shell]": total["delivered"], "containers[maker_north]": total["boxes"], "works[north.old_shell]": Rn["north"],
                "front.lines_broken[valley]": X["valley"]["n"], "front.advance[plain]": X["plain"]["x"], "held[friend.new_shell]": H["friend/new_shell"],
                "held[north.heavy_rocket]": H["north/heavy_rocket"]}  # fmt: skip

    Rn = {"maker": R("maker"), "north": R("north")}
    for t in range(days):
        history.append(snapshot())
        if t >= from_day:
            q |= {k: float(v) for k, v in after.items()}
        o, F = "offers.maker_north", {}
        now_open = q[f"{o}.scale"] if q[f"{o}.opens"] <= t < q[f"{o}.closes"] else 0.0
        box = {g: q[f"goods.{g}.per_container"] for g in carried}
        for g, w in {"old_shell": 0.9, "dart": 0.1}.items():
            want = q[f"{o}.amount"] * now_open * q[f"{o}.munition_share"] * w * box[g]
            F["offer", f"maker/{g}", f"quay/{g}"] = min(want, max(0.0, H[f"maker/{g}"] - q[f"{o}.reserve"] * q[f"stocks.maker.{g}.held"]))
        boxes = {g: H[f"quay/{g}"] / box[g] for g in carried}
        for g in carried:
            room = {
                r: q[f"routes.{r}.capacity"] * q[f"{o}.munition_share"] / max(1e-9, sum(boxes[h] for h in carried if r in carried[h]))
                for r in carried[g]
            }
            whole = sum(room.values())
            for r in carried[g]:
                F["ship", f"quay/{g}", f"way/{r}/{g}/0"] = H[f"quay/{g}"] * min(1.0, whole) * room[r] / whole
                for s in range(stages[r]):
                    out = H[f"way/{r}/{g}/{s}"] * stages[r] / q[f"routes.{r}.transit"]
                    if s + 1 < stages[r]:
                        F["move", f"way/{r}/{g}/{s}", f"way/{r}/{g}/{s + 1}"] = out
                    else:
                        F["arrive", f"way/{r}/{g}/{s}", f"north/{g}"] = out * (1 - q[f"routes.{r}.lost"])
                        F["lose", f"way/{r}/{g}/{s}", "sink"] = out * q[f"routes.{r}.lost"]
        for k, (who, mix, n) in makes.items():
            for g, w in mix.items():
                F["start", "source", f"job/{k}/{g}/0"] = cap[k] * (use if k == "maker_works" else 1) * w
                for s in range(n):
                    F["work", f"job/{k}/{g}/{s}", f"job/{k}/{g}/{s + 1}" if s + 1 < n else f"{who}/{g}"] = (
                        H[f"job/{k}/{g}/{s}"] * n / q[f"production.{k}.lead_time"]
                    )
        F["supply", "friend/new_shell", "south/new_shell"] = (
            q["supplies.friend_south.scale"] * q[f"supplies.friend_south.steps.{int(t >= q['supplies.friend_south.steps.1.from'])}.rate"]
        )
        F["supply", "abroad", "north/heavy_rocket"] = q["supplies.abroad_north.scale"] * (
            q["supplies.abroad_north.steps.0.rate"] if t >= q["supplies.abroad_north.steps.0.from"] else 0.0
        )
        fire = {}
        for s, (who, goods, gun) in pool.items():
            f, other = f"fire.cover.{gun}", "b" if s == "a" else "a"
            w = {g: Rn[who] if g == "old_shell" else q["goods.new_shell.works"] for g in goods}
            S = sum(H[f"{who}/{g}"] for g in goods)
            r = sum(H[f"{who}/{g}"] * w[g] for g in goods) / S / q["goods.new_shell.works"]
            level = max(attacking[s], attacking[other] * q.get(f"{f}.defending", 1.0))
            mission = q[f"{f}.usual"] + (q[f"{f}.most"] - q[f"{f}.usual"]) * level
            C = r * S / q[f"{f}.usual"]
            g_ = C ** q[f"{f}.steepness"] / (C ** q[f"{f}.steepness"] + q[f"{f}.half_cover"] ** q[f"{f}.steepness"])
            shells = min(mission / r * g_, inflow[s] / max(known[s], 1e-6) / r + S / q[f"{f}.horizon"], S)
            for g in goods:
                fire[s, g] = ("fire", f"{who}/{g}", "sink"), w[g]
                F[fire[s, g][0]] = shells * H[f"{who}/{g}"] / S
            dart = f"fire.steady.{who}_darts"
            F["dart", f"{who}/dart", "sink"] = q[f"{dart}.usual"] + (q[f"{dart}.under_attack"] - q[f"{dart}.usual"]) * attacking[other]
            gain = min(1.0, 1 / q[f"{f}.smoothing"]) if t > 0 else 0.0
            inflow[s] += (sum(came[f"{who}/{g}"] * w[g] for g in goods) / q["goods.new_shell.works"] - inflow[s]) * gain
            known[s] += (1 - known[s]) * gain
        F["rocket", "north/heavy_rocket", "sink"] = H["north/heavy_rocket"] / q["fire.drawdown.north_rockets.over"]
        now = {}
        for s in "ab":
            d, rho, U = f"attrition.sides.{s}", q["attrition.substitution"], q[f"attrition.sides.{s}.drones"]
            e, ref_s = q["attrition.shells_per_drone"], q[f"{d}.reference_fire"]
            share = e * U / (ref_s + e * U)
            shells_part = (E[s] / ref_s) ** rho
            now[s] = (
                (ref_s + e * U)
                * ((1 - share) * shells_part + share * (2 ** (t / q[f"{d}.drones_doubling"])) ** rho) ** (1 / rho)
                * q[f"{d}.precision"]
            )
        for s, other in ("ab", "ba"):
            A = "attrition."
            M, x, y = H[crowd[s]], H[crowd[s]] / first[s], H[crowd[other]] / first[other]
            act = q[A + "quiet"] + (1 - q[A + "quiet"]) * max(attacking.values())
            p_ = max(0.0, q[A + "alpha"] + q[A + "own_strength_direct"] - 1)
            m_ = 1 + (q[A + "attacker_multiplier"] - 1) * attacking[s]
            posture = q[A + "dug_in"] + (q[A + "attacking"] - q[A + "dug_in"]) * attacking[s]
            direct = m_ * y**p_ * x ** (q[A + "own_strength_direct"] - 1)
            indirect = posture * (now[other] / q[A + "common_fire"]) ** q[A + "fire_exponent"] * x ** (q[A + "own_strength_indirect"] - 1)
            L = q[A + "base_rate"] * M * act * ((1 - q[A + "indirect_share"]) * direct + q[A + "indirect_share"] * indirect)
            F["loss", crowd[s], f"fallen/{s}"] = -M * expm1(-L / M)
            m = f"manpower.{s}."
            F["recruit", "source", crowd[s]] = q[m + "recruits"] * min(q[m + "most_response"], (first[s] / M) ** q[m + "response"])
            F["waste", crowd[s], "sink"] = -M * expm1(-q[m + "wastage"])
            dead = 1 / (1 + q[m + "wounded_per_killed"])
            F["bury", f"fallen/{s}", "sink"], F["ward", f"fallen/{s}", f"ward/{s}/0"] = (
                H[f"fallen/{s}"] * dead,
                H[f"fallen/{s}"] * (1 - dead),
            )
            F["heal", f"ward/{s}/0", f"ward/{s}/1"] = H[f"ward/{s}/0"] * 2 / q[m + "recovery"]
            F["return", f"ward/{s}/1", crowd[s]] = H[f"ward/{s}/1"] * 2 / q[m + "recovery"] * q[m + "returning"]
            F["retire", f"ward/{s}/1", "sink"] = H[f"ward/{s}/1"] * 2 / q[m + "recovery"] * (1 - q[m + "returning"])
        F = ratio(F, H)

        gains = {s: log1p(q["front.fire_gain"] * ind[s] / max(ref[s] / refdays if refdays else ind[s], 1e-6)) for s in "ab"}
        lp = (
            q["front.balance"]
            + q["front.mass_weight"] * (log(people["a"] / first["a"]) - log(people["b"] / first["b"]))
            + q["front.fire_weight"] * (gains["a"] - gains["b"])
        )
        init += (tanh(lp) - init) / q["front.initiative_lag"]
        if 0 < t <= q["front.reference_days"]:
            ref, refdays = {s: ref[s] + ind[s] for s in "ab"}, refdays + 1
        for k, (s, defender, lines) in axes.items():
            z, a, sign = X[k], f"front.axes.{k}.", 1 if s == "a" else -1
            full = q[f"front.massing_{s}"]
            theatre = exp(sign * lp - max(0.0, z["x"] - z["dep"]) / q["front.strength_loss"])
            runs = s == "b" and q["front.operations.spring_push.from"] <= t < q["front.operations.spring_push.to"]
            over = s == "a" or t >= q["front.operations.spring_push.to"]
            crit = 1 + q["front.critical_ratio"]
            starts = sign * init > q["front.initiative_on"] and z["c"] - 1 > q["front.ready"] * (full - 1)
            stays = z["att"] and sign * init >= q["front.initiative_off"] and z["c"] * theatre > crit
            att = runs or (q["front.attack_rule"] == 0 and over and (starts or stays))
            u, v = luck(seed, world, t, f"front/{k}")
            mv = drive((z["c"] if att else sqrt(full)) * theatre / crit)
            step = q["front.pace"] * q[a + "terrain"] * mv * (1 if att else q["front.local_pace"]) + q["front.wander"] * (
                1 if att else q["front.wander_quiet"]
            ) * ndtri(u)
            T = H[f"{defender}/dart"] * q["goods.dart.works"] + q.get(a + "antitank_floor", 0.0)
            fast = q["front.exploitation"] / (1 + q["front.antitank_effect"] * T / (T + q["front.antitank_half"]))
            ex, depth = z["exploit"] > 0, q[a + "depth"]
            line = min(q[a + "first_line"] + z["n"] * q[a + "spacing"], depth)
            x = min(z["x"] + fast, depth) if ex else min(max(z["x"] + step, 0.0), max(line, z["x"]))
            passed = floor((x - q[a + "first_line"]) / q[a + "spacing"]) + 1 if x > line else z["n"]
            work_days = q[a + "line_time"] * (1 if z["n"] < lines else q[a + "improvised"])
            B = z["B"] + mv / work_days if att and x >= line and not ex and line < depth else max(0.0, z["B"] - q["front.repair"])
            win = q["front.breakthrough_window"] if B >= 1 else max(0.0, z["win"] - 1)
            haz = z["haz"] + (
                q["front.breakthrough_hazard"] * (z["c"] * theatre / 2) ** q["front.breakthrough_power"]
                if att and win > 0 and not ex
                else 0.0
            )
            thr = z["thr"] if t > 0 else -log(v)
            broke = haz >= thr
            X[k] = dict(x=x, dep=z["dep"] + (z["x"] - z["dep"]) / q["front.depots_follow"], n=max(z["n"] + (B >= 1), passed), B=0.0 if B >= 1 or ex else B, win=win,
                        haz=0.0 if broke else haz, thr=-log(v) if broke else thr, exploit=q["front.breakthrough_lasts"] if broke else max(0.0, z["exploit"] - 1), att=att,
                        c=z["c"] - (z["c"] - 1) / q["front.massing_decay"] if att else z["c"] + (full - z["c"]) / q["front.massing_recovery"])  # fmt: skip

        E = {s: sum(F[flow] * w * q[f"goods.{g}.lethality"] for (z, g), (flow, w) in fire.items() if z == s) for s in "ab"}
        E["a"] += F["rocket", "north/heavy_rocket", "sink"] * q["goods.heavy_rocket.works"] * q["goods.heavy_rocket.lethality"]
        total["fired"] += sum(F["fire", f"north/{g}", "sink"] for g in pool["a"][1])
        total["delivered"] += sum(x for (n, _, taker), x in F.items() if n == "arrive" and taker == "north/old_shell")
        total["boxes"] += sum(x / box[g] for g in carried for (n, giver, _), x in F.items() if n == "ship" and giver == f"quay/{g}")
        fresh = {w: min(1.0, came[f"{w}/old_shell"] / max(H[f"{w}/old_shell"], 1e-6)) for w in age}
        age = {
            "maker": age["maker"] * (1 - fresh["maker"]) + 1 / 365.25,
            "north": age["north"] - (age["north"] - age["maker"]) * fresh["north"] + 1 / 365.25,
        }
        use += (
            q["production.maker_works.utilisation"]
            + (q["production.maker_works.for_export.utilisation"] - q["production.maker_works.utilisation"]) * min(1.0, opened)
            - use
        ) / q["production.maker_works.for_export.lag"]
        cap["maker_works"] = top / (1 + (top / cap["maker_works"] - 1) * 2 ** (-1 / T2))
        people, ind, opened, attacking = (
            {s: H[crowd[s]] for s in "ab"},
            now,
            now_open,
            {"a": float(X["plain"]["att"]), "b": float(X["valley"]["att"])},
        )
        came = dict.fromkeys(H, 0.0)
        for (name, giver, taker), x in F.items():
            if giver in H:
                H[giver] -= x
            if taker in H:
                H[taker] += x
                came[taker] += x
            if name == "loss":
                total[taker[-1]] += x
        Rn = {"maker": R("maker"), "north": R("north")}
    return [*history, snapshot()]
